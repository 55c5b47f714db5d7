/** `perExample(model)`: another model, which clips the gradient of each example and sums what is left, in one pass. */
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
import { chooseOutput } from "../wanted.ts";
import { withRowsApart } from "./apart.ts";
import { chooseLayers, chooseParameters } from "./wanted.ts";
import type { Forms } from "./choose.ts";
import { allNorms, clippedSums, stacked, tiny } from "./clip.ts";
import { createLanes } from "./lanes.ts";
import type { Lanes } from "./lanes.ts";
import type { Clipping, ClipLayer } from "./layers.ts";
import { contributionsOf } from "./parameters.ts";
import { withRows, withSymbol } from "./rows.ts";
import { findUses } from "./uses.ts";
import type { Site } from "./uses.ts";
import { usersOf } from "./users.ts";

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
  /** The output with the squared norm of each example's (each user's) gradient over all parameters, before clipping. */
  readonly squaredNorms: string;
  /** The output [examples or users, layers] with squared norms by layer. */
  readonly layerNorms: string;
  /** The output [examples or users, parameters] with squared norms by parameter, in the order of `sums`. */
  readonly parameterNorms: string;
  /** The layers, in the order of `layerNorms` and, when clipping per layer, of the bounds. */
  readonly layers: readonly ClipLayer[];
  /** The input for labels, if the loss takes any. */
  readonly labels: LabelInput | undefined;
  /** The float32 input for the bound: a tensor without dimensions, or one bound for each layer. */
  readonly clip: string;
  /** The float32 input for weights, one for each example: its loss is multiplied by it before clipping, 0 leaves it out. */
  readonly weights: string;
  /** With clipping per user: the int64 input with one user for each example, and the output with the users in the order of the norms. */
  readonly users: { readonly input: string; readonly output: string } | undefined;
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
  const mode = options.clipping?.mode ?? "flat";
  const batched = withRows(model, options.rows);
  const prepared = withRowsApart(prepare(batched.model), batched.batch);
  const output = chooseOutput(prepared, options.output);
  const { wanted, skipped } = chooseParameters(prepared, options.wrt, output);
  const layers = chooseLayers(options.clipping, wanted);
  const trace = createTrace(prepared, new Set(wanted));
  const { op } = trace;
  const forward = writeForward(trace, leadingTo(prepared.model.graph, output));
  const lanes = createLanes(trace, forward, batched.inputs);
  const { losses, labels } = writeEachLoss(trace, lanes, { options, output });
  markActive(trace, forward);
  const site: Site = { trace, forward, lanes, forms: options.operators ?? "auto" };
  const end = trace.nodes.length;
  const added = (name: string, type: Value["type"], dims: Value["dims"]): Value => {
    const value: Value = { name: trace.scope.builder.fresh(name), type, dims };
    trace.note(value);
    return value;
  };
  const clip = added("clip", losses.type, mode === "per-layer" ? [layers.length] : []);
  const weights = added("weights", losses.type, losses.dims);
  const userInput = mode === "per-user" ? added("users", "int64", losses.dims) : undefined;
  const users = userInput && usersOf(op, userInput);
  // The weights come in as the gradient of Σ wᵢ lossᵢ: an example's gradient is weighted before it is clipped.
  const uses = findUses(site, losses, weights);
  const contributions = contributionsOf(site, uses, end);
  if (options.wrt !== undefined) for (const name of wanted) if (!contributions.has(name)) throw noPath(trace, forward, name);
  const norms = allNorms(op, { contributions, wanted, layers, users, losses });
  const sums = clippedSums({ site, uses, end, layers, clip, norms: mode === "per-layer" ? norms.byLayer : [norms.flat], users });
  const mean = op.div(op.sum(op.mul(losses, weights), [0], false), op.max(op.sum(weights, [0], false), tiny));
  const columns = (list: readonly Value[]): Value => stacked(op, list);
  const [rows, owners] = [losses.dims![0]!, norms.flat.dims![0]!];
  const { model: built, names } = assemble(trace, {
    outputs: [
      { name: "loss", value: mean, dims: [] },
      { name: "losses", value: losses, dims: [rows] },
      { name: "squared_norms", value: norms.flat, dims: [owners] },
      { name: "layer_norms", value: columns(norms.byLayer), dims: [owners, layers.length] },
      { name: "parameter_norms", value: columns(norms.byParameter), dims: [owners, wanted.length] },
      ...wanted.map((name) => {
        const parameter = trace.value(name);
        return { name: `sum(${name})`, value: sums.get(name) ?? op.zerosLike(parameter), dims: parameter.dims };
      }),
      ...(users === undefined ? [] : [{ name: "user_ids", value: users.ids, dims: [owners] }]),
    ],
    keep: options.keep ?? [],
    inputs: [labels, clip, weights, userInput].filter((input) => input !== undefined),
  });
  const [lossOutput, lossesOutput, squaredNorms, layerNorms, parameterNorms, ...others] = names as [
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    model: withSymbol(built, batched.symbol),
    sums: new Map(wanted.map((name, i) => [name, others[i]!])),
    lossOutput,
    lossesOutput,
    squaredNorms,
    layerNorms,
    parameterNorms,
    layers,
    labels,
    clip: clip.name,
    weights: weights.name,
    users: userInput && { input: userInput.name, output: others.at(-1)! },
    skipped,
  };
}

interface LossWanted {
  readonly options: PerExampleOptions;
  readonly output: string;
}

/** The loss of each example, once it is certain that it is that example's alone. */
function writeEachLoss(trace: Trace, lanes: Lanes, { options, output }: LossWanted) {
  lanes.advance();
  lanes.check(output);
  const site = lossSite(trace, options, output);
  const rows = lanes.rowsOf(output);
  const losses = writeLosses(options.loss, site, rows);
  const labels = site.made();
  if (labels !== undefined) lanes.set(labels.name, labels.type === "int64" && site.classAxis < rows ? rows - 1 : rows);
  lanes.advance();
  lanes.check(losses.name);
  return { losses, labels };
}
