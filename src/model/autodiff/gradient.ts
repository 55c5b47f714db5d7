/** `gradient(model)`: another model, which computes a loss and its derivatives. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { usedBy } from "../onnx/index.ts";
import type { Model } from "../onnx/index.ts";
import { assemble } from "./assemble.ts";
import { sweepBackward } from "./backward.ts";
import { refusal } from "./context.ts";
import type { Fact } from "./facts.ts";
import { factOf } from "./facts.ts";
import type {} from "./errors.ts";
import { writeForward } from "./forward.ts";
import type { Forward } from "./forward.ts";
import { writeLoss } from "./loss.ts";
import type { LabelInput, LossName } from "./loss.ts";
import { lossSite } from "./loss-site.ts";
import { prepare } from "./prepare.ts";
import { leadingTo } from "./leading.ts";
import { createTrace } from "./trace.ts";
import type { Trace } from "./trace.ts";
import type { Value } from "./value.ts";
import { chooseOutput, chooseTensors } from "./wanted.ts";

/** What to differentiate. */
export interface GradientOptions {
  readonly loss: LossName;
  /** Inputs, initializers or inner values; `all` means every float input and every float initializer. Default: the float inputs. */
  readonly wrt?: readonly string[] | "all";
  /** The output that the loss is taken of; default the first float output. */
  readonly output?: string;
  /** The axis of classes; default the second. */
  readonly classAxis?: number;
  /** Outputs of the model that the gradient model shall give as well. */
  readonly keep?: readonly string[];
  /** Name of the input for labels or targets; default `labels`, or the nearest free name. */
  readonly labels?: string;
  /**
   * Channels that the place where the graph will run convolves at once, if its convolutions work on blocks of channels: gradients of weights are then
   * convolutions themselves wherever they fit. Elsewhere such a graph is right too, and slow.
   */
  readonly blocks?: number | undefined;
}

/** A model that computes gradients, and the names by which to run it. */
export interface GradientModel {
  readonly model: Model;
  /** For each tensor asked for, the output that holds its gradient. */
  readonly gradients: ReadonlyMap<string, string>;
  /** The output that holds the loss, a tensor without dimensions. */
  readonly lossOutput: string;
  /** The input for labels, if the loss takes any. */
  readonly labels: LabelInput | undefined;
  /** Nodes on the way whose derivative is zero by construction, random or approximated: where an attack should not trust the gradient. */
  readonly broken: readonly Fact[];
  /** With `wrt: "all"`: tensors left out, and why. */
  readonly skipped: ReadonlyMap<string, string>;
}

/**
 * Differentiates a model in reverse mode. The result is an ordinary ONNX graph in the model's own operator sets (18 at least) and can be
 * differentiated again.
 * @throws autodiff/unknown-value · autodiff/not-differentiable · autodiff/no-path · autodiff/bad-loss · autodiff/unknown-trip-count
 * @example
 * const { model, gradients, lossOutput, labels } = gradient(readModel(bytes), { loss: "cross-entropy", wrt: ["x", "fc.weight"] });
 * const outputs = await runner.run({ x, [labels.name]: y }); // outputs[gradients.get("x")] has the shape of x
 */
export function gradient(model: Model, options: GradientOptions): GradientModel {
  const prepared = prepare(model);
  const { graph } = prepared.model;
  const output = chooseOutput(prepared, options.output);
  const { wanted, skipped, all } = chooseTensors(prepared, options.wrt, output);
  const trace = createTrace(prepared, new Set(wanted), options.blocks === 1 ? undefined : options.blocks);
  const forward = writeForward(trace, leadingTo(graph, output));
  const site = lossSite(trace, options, output);
  const loss = writeLoss(options.loss, site);
  markActive(trace, forward);
  const totals = sweepBackward(trace, forward, loss);
  const gradients = new Map<string, Value>();
  for (const name of wanted) {
    const total = totals.get(name);
    if (total === undefined && !all) throw noPath(trace, forward, name);
    gradients.set(name, total ?? trace.op.zerosLike(trace.value(name)));
  }
  const labels = site.made();
  const outputs = [...gradients].map(([name, value]) => ({ name: `grad(${name})`, value, dims: trace.value(name).dims }));
  const { model: assembled, names } = assemble(trace, {
    outputs: [{ name: "loss", value: loss, dims: [] }, ...outputs],
    keep: options.keep ?? [],
    inputs: labels === undefined ? [] : [labels],
  });
  return {
    model: assembled,
    lossOutput: names[0]!,
    gradients: new Map([...gradients.keys()].map((name, i) => [name, names[i + 1]!])),
    labels,
    broken: brokenFacts(trace, forward),
    skipped,
  };
}

/** Loss nodes come after the forward sweep: what they compute of moving values moves too. */
export function markActive(trace: Trace, forward: Forward): void {
  const seen = new Set(trace.graph.nodes);
  for (const node of trace.nodes) {
    if (seen.has(node) || forward.stopped.has(node) || factOf(node)?.kind === "zero") continue;
    if (node.inputs.some((name) => forward.active.has(name))) for (const name of node.outputs) forward.active.add(name);
  }
}

/** The error for a tensor on which the loss does not depend. */
export function noPath(trace: Trace, forward: Forward, name: string): ModelkeepError {
  const reached = new Set([name]);
  for (const node of trace.nodes) {
    if (![...usedBy(node)].some((value) => reached.has(value))) continue;
    const stop = forward.stopped.get(node);
    if (stop !== undefined)
      return refusal(node, `${stop.reason}, and the loss depends on ${quote(name)} only through such nodes`);
    for (const value of node.outputs) reached.add(value);
  }
  return new ModelkeepError("autodiff/no-path", {
    message: `the loss does not depend on ${quote(name)}`,
    hint: "choose another output, or tensors that the output is computed from",
    status: 400,
  });
}

const brokenFacts = (trace: Trace, forward: Forward): readonly Fact[] => {
  const facts = [...forward.stopped.keys()].map((node) => factOf(node));
  const approximated = trace.nodes
    .filter((node) => node.outputs.some((name) => forward.active.has(name)))
    .map((node) => factOf(node));
  return [...facts, ...approximated.filter((fact) => fact?.kind === "approximated")].filter((fact) => fact !== undefined);
};
