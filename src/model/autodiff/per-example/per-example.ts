/** `perExample(model)`: another model, which clips the gradient of each example and sums what is left, in one pass. */
import { quote, ModelkeepError } from "../../../base/error/index.ts";
import type { Model } from "../../onnx/index.ts";
import { assemble } from "../assemble.ts";
import { writeForward } from "../forward.ts";
import { markActive, noPath } from "../gradient.ts";
import { leadingTo } from "../leading.ts";
import { lossSite } from "../loss-site.ts";
import { writeLosses } from "../loss.ts";
import type { LabelInput, LossName } from "../loss.ts";
import { prepare } from "../prepare.ts";
import { createTrace } from "../trace.ts";
import type { Trace } from "../trace.ts";
import type { Value } from "../value.ts";
import { chooseOutput, chooseTensors } from "../wanted.ts";
import type { Forms } from "./choose.ts";
import type { Contribution } from "./contribution.ts";
import { constantReason } from "./constants.ts";
import { createLanes } from "./lanes.ts";
import { layersOf } from "./layers.ts";
import type { ClipLayer } from "./layers.ts";
import { squaredNorms } from "./norms.ts";
import { carriedBack, contributionsOf } from "./parameters.ts";
import { withRows, withSymbol } from "./rows.ts";
import { findUses } from "./uses.ts";
import type { Site, Use } from "./uses.ts";

/** How gradients are clipped. `flat`: an example's whole gradient · `per-layer`: each layer by its own bound. */
export type Clipping =
  | { readonly mode: "flat" }
  | {
      readonly mode: "per-layer";
      /** Default: parameters whose names agree up to the last dot. */
      readonly layers?: readonly ClipLayer[];
    };

/** What to differentiate, and how to clip. */
export interface PerExampleOptions {
  /** Of one example: the mean over its places (for `sum`, their sum). */
  readonly loss: LossName;
  /** Initializers; default all of floats by which the loss can be differentiated and that are no constants of an exporter (`skipped` says why). */
  readonly wrt?: readonly string[];
  /** The output that the loss is taken of; default the first float output. */
  readonly output?: string;
  /** The axis of classes; default the second. */
  readonly classAxis?: number;
  /** Outputs of the model to be given as well. */
  readonly keep?: readonly string[];
  /** Name of the input for labels or targets; default `labels`, or the nearest free name. */
  readonly labels?: string;
  /** Default flat. */
  readonly clipping?: Clipping;
  /** How products are kept: by cost, as factors only, or multiplied out. Default `auto`. */
  readonly operators?: Forms;
  /** Inputs that hold one example in each index of axis 0; default those with a free first dimension, or all. */
  readonly rows?: readonly string[];
}

/** A model that computes clipped sums of gradients, and the names by which to run it. */
export interface PerExampleModel {
  readonly model: Model;
  /** For each parameter, the output that holds the sum of its clipped gradients: not divided by the number of examples. */
  readonly sums: ReadonlyMap<string, string>;
  /** The output with the examples' mean loss by weight, a tensor without dimensions. */
  readonly lossOutput: string;
  /** The output with each example's loss. */
  readonly lossesOutput: string;
  /** The output with the squared norm of each example's gradient over all parameters, before clipping. */
  readonly squaredNorms: string;
  /** The output [examples, layers] with squared norms by layer. */
  readonly layerNorms: string;
  /** The output [examples, parameters] with squared norms by parameter, in the order of `sums`. */
  readonly parameterNorms: string;
  /** The layers, in the order of `layerNorms` and, when clipping per layer, of the bounds. */
  readonly layers: readonly ClipLayer[];
  /** The input for labels, if the loss takes any. */
  readonly labels: LabelInput | undefined;
  /** The float32 input for the bound: a tensor without dimensions, or one bound for each layer. */
  readonly clip: string;
  /** The float32 input for weights, one for each example: its loss is multiplied by it before clipping, 0 leaves it out. */
  readonly weights: string;
  /** Parameters left out when none were named, and why. */
  readonly skipped: ReadonlyMap<string, string>;
}

/**
 * Differentiates a model for each example of a batch by itself, clips, and sums: what private training (Abadi et al. 2016, arXiv:1607.00133,
 * algorithm 1) does between the batch and the noise. Norms come from factors wherever that is cheaper (Goodfellow 2015, arXiv:1510.01799; Li
 * et al. 2021, arXiv:2110.05679; Bu et al. 2022, arXiv:2205.10683), and the sum from the same backward pass (arXiv:2210.00038).
 * @throws autodiff/mixes-examples when a node lets one example influence another · autodiff/unknown-value · autodiff/not-differentiable ·
 * autodiff/no-path · autodiff/bad-loss
 * @example
 * const step = perExample(readModel(bytes), { loss: "cross-entropy" });
 * const outputs = await runner.run({ x, [step.labels.name]: y, [step.clip]: bound, [step.weights]: ones });
 * outputs[step.sums.get("fc.weight")]; // Σᵢ gᵢ min(1, C/‖gᵢ‖)
 */
export function perExample(model: Model, options: PerExampleOptions): PerExampleModel {
  const batched = withRows(model, options.rows);
  const prepared = prepare(batched.model);
  const output = chooseOutput(prepared, options.output);
  const { wanted, skipped } = chooseParameters(prepared, options.wrt, output);
  const trace = createTrace(prepared, new Set(wanted));
  const { op } = trace;
  const forward = writeForward(trace, leadingTo(prepared.model.graph, output));
  const lanes = createLanes(trace, forward, batched.inputs);
  lanes.advance();
  lanes.check(output);
  const site = lossSite(trace, options, output);
  const losses = writeLosses(options.loss, site, lanes.rowsOf(output));
  const labels = site.made();
  if (labels !== undefined) lanes.set(labels.name, 0);
  lanes.advance();
  lanes.check(losses.name);
  markActive(trace, forward);
  const end = trace.nodes.length;
  const added = (name: string, dims: Value["dims"]): Value => {
    const value: Value = { name: trace.scope.builder.fresh(name), type: losses.type, dims };
    trace.note(value);
    return value;
  };
  const weights = added("weights", losses.dims);
  const layers = checkedLayers(options.clipping, wanted);
  const isPerLayer = options.clipping?.mode === "per-layer";
  const clip = added("clip", isPerLayer ? [layers.length] : []);
  const uses = findUses({ trace, forward, lanes, forms: options.operators ?? "auto" }, losses, weights);
  const inside: Site = { trace, forward, lanes, forms: options.operators ?? "auto" };
  const contributions = contributionsOf(inside, uses, end);
  if (options.wrt !== undefined) for (const name of wanted) if (!contributions.has(name)) throw noPath(trace, forward, name);
  const norms = wanted.map((name) => normsOf(trace, contributions.get(name), losses));
  const byLayer = layers.map(({ parameters }) =>
    total(
      trace,
      parameters.map((name) => norms[wanted.indexOf(name)]!),
    ),
  );
  const flat = total(trace, norms);
  const sums = clippedSums({ site: inside, uses, end, layers, clip, norms: isPerLayer ? byLayer : [flat] });
  const columns = (list: readonly Value[]): Value =>
    op.concat(
      list.map((column) => op.unsqueeze(column, [1])),
      1,
    );
  const mean = op.div(op.sum(op.mul(losses, weights), [0], false), op.max(op.sum(weights, [0], false), 1e-30));
  const rows = losses.dims![0]!;
  const { model: built, names } = assemble(trace, {
    outputs: [
      { name: "loss", value: mean, dims: [] },
      { name: "losses", value: losses, dims: [rows] },
      { name: "squared_norms", value: flat, dims: [rows] },
      { name: "layer_norms", value: columns(byLayer), dims: [rows, layers.length] },
      { name: "parameter_norms", value: columns(norms), dims: [rows, wanted.length] },
      ...wanted.map((name) => {
        const parameter = trace.value(name);
        return { name: `sum(${name})`, value: sums.get(name) ?? op.zerosLike(parameter), dims: parameter.dims };
      }),
    ],
    keep: options.keep ?? [],
    inputs: [...(labels === undefined ? [] : [labels]), clip, weights],
  });
  const [lossOutput, lossesOutput, squaredNormsOutput, layerNorms, parameterNorms, ...sumOutputs] = names;
  return {
    model: withSymbol(built, batched.symbol),
    sums: new Map(wanted.map((name, i) => [name, sumOutputs[i]!])),
    lossOutput: lossOutput!,
    lossesOutput: lossesOutput!,
    squaredNorms: squaredNormsOutput!,
    layerNorms: layerNorms!,
    parameterNorms: parameterNorms!,
    layers,
    labels,
    clip: clip.name,
    weights: weights.name,
    skipped,
  };
}

/** The parameters asked for, or all initializers of floats that may be learned. @throws autodiff/not-differentiable */
function chooseParameters(prepared: ReturnType<typeof prepare>, wrt: readonly string[] | undefined, output: string) {
  const { graph } = prepared.model;
  const { wanted, skipped } = chooseTensors(prepared, wrt ?? "all", output);
  if (wrt === undefined) {
    const stored = wanted.filter((name) => graph.initializers.has(name));
    const constants = stored.flatMap((name) => {
      const reason = constantReason(graph, name, graph.initializers.get(name)!);
      return reason === undefined ? [] : [[name, reason] as const];
    });
    const left = new Map([...[...skipped].filter(([name]) => graph.initializers.has(name)), ...constants]);
    return { wanted: stored.filter((name) => !left.has(name)), skipped: left };
  }
  const other = wanted.find((name) => !graph.initializers.has(name));
  if (other === undefined) return { wanted, skipped };
  throw new ModelkeepError("autodiff/not-differentiable", {
    message: `${quote(other)} is not a parameter: it is no initializer of the model`,
    hint: "name initializers; `modelkeep inspect` prints them",
    status: 400,
  });
}

/** @throws autodiff/unknown-value when layers are given that are not the parameters, each once */
function checkedLayers(clipping: Clipping | undefined, parameters: readonly string[]): readonly ClipLayer[] {
  const layers = (clipping?.mode === "per-layer" ? clipping.layers : undefined) ?? layersOf(parameters);
  const listed = layers.flatMap((layer) => layer.parameters);
  const wrong = listed.find((name, i) => !parameters.includes(name) || listed.indexOf(name) !== i);
  const missing = parameters.find((name) => !listed.includes(name));
  if (wrong === undefined && missing === undefined) return layers;
  throw new ModelkeepError("autodiff/unknown-value", {
    message: `${quote((wrong ?? missing)!)} is ${missing === undefined ? "no parameter, or in two layers" : "in no layer"}`,
    hint: "each parameter belongs to one layer",
    status: 400,
  });
}

const normsOf = ({ op }: Trace, contributions: readonly Contribution[] | undefined, losses: Value): Value =>
  contributions === undefined ? op.zerosLike(losses) : squaredNorms(op, contributions);

const total = ({ op }: Trace, parts: readonly Value[]): Value => parts.reduce((a, b) => op.add(a, b));

interface ToClip {
  readonly site: Site;
  readonly uses: readonly Use[];
  readonly end: number;
  readonly layers: readonly ClipLayer[];
  readonly clip: Value;
  /** Squared norms by layer, or one for all. */
  readonly norms: readonly Value[];
}

/** Σᵢ gᵢ min(1, C/‖gᵢ‖) for each parameter. */
function clippedSums({ site, uses, end, layers, clip, norms }: ToClip): ReadonlyMap<string, Value> {
  const { op } = site.trace;
  const factorOf = (norm: Value, bound: Value): Value => op.min(op.div(bound, op.max(op.sqrt(norm), 1e-30)), 1);
  if (norms.length === 1 && clip.dims?.length === 0) return carriedBack(site, { uses, factors: factorOf(norms[0]!, clip), end });
  const sums = new Map<string, Value>();
  for (const [i, { parameters }] of layers.entries()) {
    const bound = op.slice(clip, [{ axis: 0, start: i, end: i + 1 }]);
    const carried = carriedBack(site, { uses, factors: factorOf(norms[i]!, bound), end });
    for (const name of parameters) if (carried.has(name)) sums.set(name, carried.get(name)!);
  }
  return sums;
}
