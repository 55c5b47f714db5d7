/** Certificates by bounds: an example is certified where every change within ε keeps its class, as proven for the whole box at once. */
import { extract } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { logitsOf } from "../../attack/index.ts";
import type { OpenSession } from "../../attack/index.ts";
import { badOption } from "../refuse.ts";
import { intervalBounds } from "./interval.ts";
import { partsOf } from "./parts.ts";
import type { Part, Values } from "./parts.ts";
import { boxOf, zonotopeBounds } from "./zonotope.ts";
import type { Zonotope } from "./zonotope.ts";

/** What is asked. */
export interface BoundSettings {
  readonly method: "interval" | "zonotope";
  /** Largest change of each number. */
  readonly epsilon: number;
  /** Range of each number: the box is cut by it. */
  readonly low: number;
  readonly high: number;
}

/** A model ready to be bounded. */
export interface BoundedModel {
  readonly rowSize: number;
  readonly classes: number;
  readonly notes: readonly string[];
  /**
   * For each example, by how much its label leads every other class at least, anywhere in the box: certified where above 0.
   * @throws defend/bad-option · defend/unsupported-model
   */
  leads(x: Float32Array, labels: Int32Array, settings: BoundSettings): Promise<Float64Array>;
  close(): Promise<void>;
}

/**
 * Sums are taken in single precision, so a lead counts only where it is above what rounding can add up to: this share of the largest number in
 * it, some hundred times what the longest sums of common nets lose.
 */
const rounding = 1e-5;

/**
 * Opens a classifier for bounds.
 * @throws defend/unsupported-model naming the first node that has no rule · attack/unsupported-model
 */
export async function openBounds(
  open: OpenSession,
  given: Model,
  options: { readonly output?: string | undefined; readonly rowDims?: readonly number[] | undefined } = {},
): Promise<BoundedModel> {
  const part = logitsOf(given, options);
  const [input, output] = [part.input.name, part.logits];
  const { parts, close } = await partsOf(open, extract(part.model, { outputs: [output] }), { input, output });
  const rowSize = part.rowDims.reduce((a, b) => a * b, 1);
  return {
    rowSize,
    classes: part.classes,
    notes: part.notes,
    close,
    async leads(x, labels, settings) {
      check(settings);
      const { epsilon, low, high } = settings;
      const box = {
        low: x.map((value) => Math.max(Math.min(low, value), value - epsilon)),
        high: x.map((value) => Math.min(Math.max(high, value), value + epsilon)),
      };
      const plan = { parts, input, output, rowDims: part.rowDims, classes: part.classes };
      return (settings.method === "interval" ? byIntervals : byZonotopes)(plan, box, labels);
    },
  };
}

interface Plan {
  readonly parts: readonly Part[];
  readonly input: string;
  readonly output: string;
  readonly rowDims: readonly number[];
  readonly classes: number;
}

interface Box {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

async function byIntervals(
  { parts, input, output, rowDims, classes }: Plan,
  box: Box,
  labels: Int32Array,
): Promise<Float64Array> {
  const values = (data: Float32Array): Values => ({ count: labels.length, dims: rowDims, data });
  const { low, high } = await intervalBounds(parts, input, { low: values(box.low), high: values(box.high) }, output);
  return Float64Array.from(labels, (label, row) => {
    const at = row * classes;
    let lead = Infinity;
    for (let k = 0; k < classes; k++)
      if (k !== label)
        lead = Math.min(lead, certain(low.data[at + label]! - high.data[at + k]!, low.data[at + label]!, high.data[at + k]!));
    return lead;
  });
}

async function byZonotopes({ parts, input, output, rowDims }: Plan, box: Box, labels: Int32Array): Promise<Float64Array> {
  const leads = new Float64Array(labels.length);
  const size = box.low.length / labels.length;
  for (const [row, label] of labels.entries()) {
    const cut = (side: Float32Array): Float32Array => side.slice(row * size, (row + 1) * size);
    leads[row] = leadOf(await zonotopeBounds(parts, input, boxOf(cut(box.low), cut(box.high), rowDims), output), label);
  }
  return leads;
}

/** The least of z_y − z_k over the set: what both have in common falls out before it is bounded. */
function leadOf({ middle, generators, count }: Zonotope, label: number): number {
  const classes = middle.length;
  let lead = Infinity;
  for (let k = 0; k < classes; k++) {
    if (k === label) continue;
    let far = 0;
    for (let g = 0; g < count; g++) far += Math.abs(generators[g * classes + label]! - generators[g * classes + k]!);
    lead = Math.min(lead, certain(middle[label]! - middle[k]! - far, middle[label]!, middle[k]!, far));
  }
  return lead;
}

const certain = (lead: number, ...sizes: readonly number[]): number => lead - rounding * Math.max(1, ...sizes.map(Math.abs));

function check({ epsilon, low, high }: BoundSettings): void {
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) throw badOption(`a radius of ${epsilon}`, "for example --threat linf:0.1");
  if (!(low < high)) throw badOption(`bounds ${low} … ${high}`, "the lower one comes first");
}
