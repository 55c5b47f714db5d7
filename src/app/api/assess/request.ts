/** An assessment as a person asks for it, made precise. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { defaultThreats, mergeThreats, parseQuantity, parseRequirement, parseThreat } from "../../../lab/assess/index.ts";
import type { Requirement, ThreatLine } from "../../../lab/assess/index.ts";
import type { Bounds } from "../../../lab/attack/index.node.ts";
import type { Dataset } from "../../../model/data/index.node.ts";
import { toFloat } from "../../../model/onnx/index.ts";
import type {} from "../errors.ts";
import { taskOf } from "./task.ts";

/** What the command line says, as it says it. */
export interface AssessRequest {
  /** A file, or the address of a model that is served: `https://host/v2/models/NAME`. */
  readonly model: string;
  /** Where the key for an address lies: `file:PATH`, `env:NAME` or `stdin`. */
  readonly key?: string | undefined;
  /** Questions to an address in all. */
  readonly queries?: number | undefined;
  readonly data: string;
  readonly labels?: string | undefined;
  readonly target?: string | undefined;
  readonly limit?: number | undefined;
  readonly attacks?: readonly string[] | undefined;
  readonly threats?: readonly string[] | undefined;
  readonly requirements?: readonly string[] | undefined;
  readonly bounds?: string | undefined;
  readonly task?: string | undefined;
  /** Regression: how far off an answer may be: `0.1`, `0.1,5` for each output, `l2:0.5`. */
  readonly tolerance?: string | undefined;
  /** Segmentation and detection: the share of pixels or objects that must be right, `0.75` or `75%`. */
  readonly hold?: string | undefined;
  /** Detection: the least score of a box that counts. */
  readonly confidence?: number | undefined;
  /** Detection: what the numbers of a box are, `xyxy` or `cxcywh`. */
  readonly boxes?: string | undefined;
  readonly output?: string | undefined;
  readonly seed?: number | undefined;
  readonly budgetMs?: number | undefined;
  readonly out: string;
  /** Folder of a run that was stopped. */
  readonly resume?: string | undefined;
}

export interface Aims {
  readonly threats: readonly ThreatLine[];
  readonly requirements: readonly Requirement[];
  readonly attacks: "auto" | readonly string[];
}

/**
 * Threats, thresholds and attacks; a radius that only a threshold names is attacked too.
 *
 * @throws assess/bad-threat · assess/bad-requirement · assess/unsupported-task
 */
export function aimsOf(request: AssessRequest): Aims {
  taskOf(request);
  const requirements = (request.requirements ?? []).map(parseRequirement);
  const asked = (request.threats ?? []).map(parseThreat);
  const needed = requirements.flatMap(({ metric, at }) =>
    at === undefined || metric !== "robust_accuracy" ? [] : [{ norm: at.norm, epsilons: [at.epsilon] }],
  );
  const threats = mergeThreats([...(asked.length > 0 ? asked : defaultThreats), ...needed]);
  const words = request.attacks ?? ["auto"];
  return { threats, requirements, attacks: words.length === 1 && words[0] === "auto" ? "auto" : words };
}

/**
 * The range of each value: what was told, else of a table what each column spans, else 0 … 1 or 0 … 255 by the data, else what the data spans.
 *
 * @throws api/bad-data
 */
export function boundsFor(
  told: string | undefined,
  { x, table, dims }: { readonly x: Float32Array; readonly table: boolean; readonly dims: readonly number[] },
): { readonly bounds: Bounds; readonly told: boolean } {
  if (told !== undefined || !table || dims.length !== 1) return { bounds: rangeFor(told, x), told: told !== undefined };
  // A column of ages and one of incomes have no range in common: each has what was seen of it.
  const [width = 1] = dims;
  const spans = Array.from({ length: width }, (_, column) => spanOf(x.filter((_value, i) => i % width === column)));
  const side = (name: "low" | "high"): Float32Array => Float32Array.from(spans, (span) => span[name]);
  return { bounds: { low: side("low"), high: side("high") }, told: true };
}

/** One range for all values. @throws api/bad-data */
export const rangeFor = (told: string | undefined, x: Float32Array): Range =>
  told === undefined ? rangeOf(spanOf(x)) : parseBounds(told);

/** The same for data that is looked at in batches. @throws api/bad-data */
export async function boundsOf(told: string | undefined, data: Dataset): Promise<Range> {
  if (told !== undefined) return parseBounds(told);
  const input = data.fields.find(({ name }) => name !== data.target)!;
  let span = spanOf(new Float32Array());
  for await (const { tensors } of data.batches({ size: 1024 })) {
    const { low, high } = spanOf(toFloat(tensors[input.name]!));
    span = { low: Math.min(span.low, low), high: Math.max(span.high, high) };
  }
  return rangeOf(span);
}

export interface Range {
  readonly low: number;
  readonly high: number;
}

function parseBounds(told: string): Range {
  const match = /^\s*(-?)([^,]+),\s*(-?)(.+)$/.exec(told);
  const [low, high] = match === null ? [] : [signed(match[1]!, match[2]!), signed(match[3]!, match[4]!)];
  if (low !== undefined && high !== undefined && low < high) return { low, high };
  throw new ModelkeepError("api/bad-data", {
    message: `${quote(told)} are no bounds`,
    hint: "for example `--bounds 0,1`",
    status: 400,
    exit: 4,
  });
}

function spanOf(values: Float32Array): Range {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}

function rangeOf({ low, high }: Range): Range {
  if (low >= 0 && high <= 1) return { low: 0, high: 1 };
  if (low >= 0 && high <= 255) return { low: 0, high: 255 };
  return { low, high };
}

const signed = (sign: string, text: string): number | undefined => {
  const value = parseQuantity(text);
  return value === undefined ? undefined : sign === "-" ? -value : value;
};
