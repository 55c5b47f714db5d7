/** Losses as nodes behind a model's logits: one number for each row, so that the gradient of their sum is each row's own gradient. */
import { gradient } from "../../../model/autodiff/index.ts";
import type { Fact } from "../../../model/autodiff/index.ts";
import { GraphBuilder, indexOf, tensorOf } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { LossKind } from "../target.ts";
import { inPhases } from "./phases.ts";

/** The names by which a loss graph is run. */
export interface LossGraph {
  readonly model: Model;
  readonly input: string;
  readonly labels: string | undefined;
  readonly targets: string | undefined;
  readonly weights: string | undefined;
  readonly loss: string;
  readonly gradient: string;
  readonly scores: string;
  readonly facts: readonly Fact[];
}

interface Site {
  readonly b: GraphBuilder;
  readonly z: string;
  readonly classes: number;
  labels(): string;
  targets(): string;
  weights(): string;
}

const pick = ({ b, z }: Site, index: string): string =>
  b.op("Squeeze", [b.op("GatherElements", [z, b.op("Unsqueeze", [index, b.ints([1])])], { axis: 1 }), b.ints([1])]);

const logProbability = (site: Site, index: string): string =>
  pick({ ...site, z: site.b.op("LogSoftmax", [site.z], { axis: 1 }) }, index);

/** Which of the classes is an example's own. */
function ownClass(b: GraphBuilder, label: string, classes: number): string {
  const every = Array.from({ length: classes }, (_, k) => k);
  return b.op("Equal", [label, b.constant(tensorOf("int64", [1, classes], every))]);
}

/**
 * Logits of the real classes alone, where an example's own counts as much as the refusal if that is larger: another class leads exactly when the
 * answer is wrong and was not refused, so that every loss attacks model and detector together (Carlini and Wagner 2017, arXiv:1705.07263, section 3).
 */
function refusing(
  b: GraphBuilder,
  { z, classes, labels }: { readonly z: string; readonly classes: number; labels(): string },
): { readonly z: string; readonly classes: number } {
  const columns = (from: number, to: number): string => b.op("Slice", [z, b.ints([from]), b.ints([to]), b.ints([1])]);
  const [real, refusal] = [columns(0, classes), columns(classes, classes + 1)];
  const own = ownClass(b, b.op("Unsqueeze", [labels(), b.ints([1])]), classes);
  return { z: b.op("Where", [own, b.op("Max", [real, refusal]), real]), classes };
}

/**
 * −log softmax(z)_y = log(1 + Σ exp(z_k − z_y)) over k ≠ y. Written so, its derivative by z_y is a sum of small numbers; softmax(z)_y − 1 of a
 * confident answer would be what rounding left of it, and signed steps follow the noise.
 */
function crossEntropy(site: Site): string {
  const { b } = site;
  const others = leads(site);
  // Once another class leads, its lead is taken out of the exponents: they would overflow.
  const most = b.op("Relu", [b.op("ReduceMax", [others, b.ints([1])], { keepdims: 1 })]);
  const rest = b.op("ReduceSum", [b.op("Exp", [b.op("Sub", [others, most])]), b.ints([1])], { keepdims: 1 });
  const total = b.op("Add", [b.op("Exp", [b.op("Neg", [most])]), rest]);
  return b.op("Squeeze", [b.op("Add", [most, b.op("Log", [total])]), b.ints([1])]);
}

/** log(1 − softmax(z)_y) = −log(1 + exp(−d)) with d = log Σ exp(z_k − z_y) over k ≠ y. */
function logWrong(site: Site): string {
  const { b } = site;
  const others = leads(site);
  const most = b.op("ReduceMax", [others, b.ints([1])], { keepdims: 1 });
  const sum = b.op("ReduceSum", [b.op("Exp", [b.op("Sub", [others, most])]), b.ints([1])], { keepdims: 1 });
  const lead = b.op("Add", [most, b.op("Log", [sum])]);
  return b.op("Squeeze", [b.op("Neg", [b.op("Softplus", [b.op("Neg", [lead])])]), b.ints([1])]);
}

/** z_k − z_y for each class; the label's own place holds what no exponential sees. */
function leads(site: Site): string {
  const { b, z, classes } = site;
  const label = b.op("Unsqueeze", [site.labels(), b.ints([1])]);
  const own = ownClass(b, label, classes);
  const lead = b.op("Sub", [z, b.op("GatherElements", [z, label], { axis: 1 })]);
  return b.op("Where", [own, b.scalar("float32", -1e30), lead]);
}

/** The `count` largest logits in columns, and the largest one whose class is not the given one. */
function ranked(
  site: Site,
  count: number,
  own = site.labels(),
): { readonly column: (place: number) => string; readonly best: string } {
  const { b, z } = site;
  const [top, places] = b.call({ op: "TopK", inputs: [z, b.ints([count])], attributes: { axis: 1 }, outputs: 2 }) as [
    string,
    string,
  ];
  const at = (of: string, place: number): string =>
    b.op("Squeeze", [b.op("Slice", [of, b.ints([place]), b.ints([place + 1]), b.ints([1])]), b.ints([1])]);
  const best = b.op("Where", [b.op("Equal", [at(places, 0), own]), at(top, 1), at(top, 0)]);
  return { column: (place) => at(top, place), best };
}

// The 1e-12 is the reference implementation's (fra31/auto-attack); it keeps equal logits from dividing by zero.
const tiny = (b: GraphBuilder, value: string): string => b.op("Add", [value, b.scalar("float32", 1e-12)]);

const losses: Readonly<Record<LossKind, (site: Site) => string>> = {
  "cross-entropy": crossEntropy,
  "cross-entropy-targeted": (site) => logProbability(site, site.targets()),
  margin: (site) => site.b.op("Sub", [ranked(site, 2).best, pick(site, site.labels())]),
  "margin-targeted": (site) => site.b.op("Sub", [pick(site, site.targets()), pick(site, site.labels())]),
  "lead-targeted": (site) => site.b.op("Sub", [pick(site, site.targets()), ranked(site, 2, site.targets()).best]),
  dlr(site) {
    const { b } = site;
    const { best, column } = ranked(site, 3);
    return b.op("Div", [b.op("Sub", [best, pick(site, site.labels())]), tiny(b, b.op("Sub", [column(0), column(2)]))]);
  },
  "dlr-targeted"(site) {
    const { b } = site;
    const { column } = ranked(site, 4);
    const middle = b.op("Mul", [b.op("Add", [column(2), column(3)]), b.scalar("float32", 0.5)]);
    const difference = b.op("Sub", [pick(site, site.targets()), pick(site, site.labels())]);
    return b.op("Div", [difference, tiny(b, b.op("Sub", [column(0), middle]))]);
  },
  "log-wrong": logWrong,
  weighted: ({ b, z, weights }) => b.op("ReduceSum", [b.op("Mul", [z, weights()]), b.ints([1])], { keepdims: 0 }),
};

/** A model, and what its loss may be taken of. */
export interface LossSite {
  readonly model: Model;
  readonly input: string;
  readonly logits: string;
  readonly classes: number;
  /** The last class, where it means a refusal: the loss is then that of being wrong and not refused. */
  readonly refusal?: number | undefined;
  /** Values of the graph, a number for each row, that stand for losses of logits. */
  readonly losses?: Partial<Readonly<Record<LossKind, string>>>;
  /** Further values of the graph that the outcome shall give. */
  readonly kept?: readonly string[];
}

/** A model with a loss behind it, and the names of what the loss is told. */
export type LossNodes = Pick<LossGraph, "model" | "labels" | "targets" | "weights" | "loss">;

/** Writes a loss behind a model's logits, without its gradient. */
export function lossNodes(kind: LossKind, given: LossSite): LossNodes {
  const b = GraphBuilder.from(given.model);
  // A name that the model has already would be refused.
  const input = (name: string, type: "int64" | "float32", dims: readonly (number | null)[]): string =>
    b.input(indexOf(given.model.graph).names.has(name) ? `${name}_of_the_attack` : name, type, dims);
  const made: { labels?: string; targets?: string; weights?: string } = {};
  const labels = (): string => (made.labels ??= input("attack_labels", "int64", [null]));
  const { logits, classes, refusal } = given;
  const seen =
    refusal === undefined || kind === "weighted" ? { z: logits, classes } : refusing(b, { z: logits, classes: refusal, labels });
  const loss =
    given.losses?.[kind] ??
    losses[kind]({
      b,
      ...seen,
      labels,
      targets: () => (made.targets ??= input("attack_targets", "int64", [null])),
      weights: () => (made.weights ??= input("attack_weights", "float32", [null, given.classes])),
    });
  b.output(loss, "float32", [null]);
  return { model: b.model(given.model), labels: made.labels, targets: made.targets, weights: made.weights, loss };
}

/**
 * The gradient of a loss by the model's input, with the loss of each row and the logits.
 * @throws autodiff/not-differentiable · autodiff/no-path
 */
export function lossGraph(kind: LossKind, given: LossSite): LossGraph {
  const { model, ...nodes } = lossNodes(kind, given);
  const keep = [given.logits, nodes.loss, ...(given.kept ?? [])];
  const derived = gradient(model, { loss: "sum", output: nodes.loss, wrt: [given.input], keep });
  return {
    ...nodes,
    model: inPhases(derived.model),
    input: given.input,
    gradient: derived.gradients.get(given.input)!,
    scores: given.logits,
    facts: derived.broken,
  };
}
