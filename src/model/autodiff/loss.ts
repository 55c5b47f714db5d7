/** Losses, written into the graph behind the output they are taken of. All but `sum` are means, over the batch or over one example's places. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { toNumbers } from "../onnx/index.ts";
import type { ElementType, Tensor } from "../onnx/index.ts";
import type {} from "./errors.ts";
import type { Ops } from "./ops/index.ts";
import type { Dims, Value } from "./value.ts";
import { axisOf, range } from "./value.ts";

/**
 * `cross-entropy`: −log softmax(z)[label], of logits · `mse`: (z − target)² · `margin`: largest other logit − the label's (Carlini and Wagner
 * 2017, arXiv:1608.04644, f₆ without κ) · `dlr`: the margin over the distance of the largest from the third logit (Croce and Hein 2020,
 * arXiv:2003.01690, eq. 6) · `sum`: of all elements, without labels.
 */
export type LossName = "cross-entropy" | "mse" | "dlr" | "margin" | "sum";

/** All losses. */
export const lossNames: readonly LossName[] = ["cross-entropy", "mse", "dlr", "margin", "sum"];

/** The input that carries labels or targets. */
export interface LabelInput {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: Dims;
  /** Number of classes; labels are 0 … classes − 1. Undefined for targets, or when only running the model will tell. */
  readonly classes: number | undefined;
}

/** Where a loss is written. */
export interface LossSite {
  readonly op: Ops;
  readonly output: Value;
  /** The axis of classes. */
  readonly classAxis: number;
  /** Adds the input for labels. */
  labels(type: ElementType, dims: Dims): Value;
}

/** A loss before anything is averaged: the axes are the output's. */
interface Terms {
  readonly terms: Value;
  readonly total: "mean" | "sum";
}

type LossBuilder = (site: LossSite) => Terms;

const mean = (terms: Value): Terms => ({ terms, total: "mean" });

const losses: Readonly<Record<LossName, LossBuilder>> = {
  "cross-entropy"(site) {
    const { op, output, classAxis } = site;
    const logp = op.logSoftmax(output, classAxis);
    return mean(op.neg(op.gatherElements(logp, classLabels(site), classAxis)));
  },
  mse({ op, output, labels }) {
    const difference = op.sub(output, labels(output.type, output.dims));
    return mean(op.mul(difference, difference));
  },
  margin(site) {
    const { best, chosen } = ranked(site, 2);
    return mean(site.op.sub(best, chosen));
  },
  dlr(site) {
    const { op, classAxis } = site;
    const { best, chosen, top } = ranked(site, 3);
    const at = (place: number): Value => op.slice(top, [{ axis: classAxis, start: place, end: place + 1 }]);
    // The 1e-12 is the reference implementation's (fra31/auto-attack).
    return mean(op.div(op.sub(best, chosen), op.add(op.sub(at(0), at(2)), 1e-12)));
  },
  sum: ({ output }) => ({ terms: output, total: "sum" }),
};

/** Labels with an axis of size 1 where the classes are. */
function classLabels({ op, output, classAxis, labels }: LossSite): Value {
  const dims = output.dims?.filter((_, axis) => axis !== classAxis);
  return op.unsqueeze(labels("int64", dims), [classAxis]);
}

/** The label's logit, the largest other one, and the `count` largest. */
function ranked(site: LossSite, count: number): { readonly best: Value; readonly chosen: Value; readonly top: Value } {
  const { op, output, classAxis } = site;
  const classes = output.dims?.[classAxis];
  if (typeof classes === "number" && classes < count) {
    throw new ModelkeepError("autodiff/bad-loss", {
      message: `output ${quote(output.name)} has ${classes} classes, this loss takes at least ${count}`,
      hint: "use `cross-entropy` or `margin`",
      status: 400,
    });
  }
  const label = classLabels(site);
  const [top, places] = op.topK(output, op.ints([count]), classAxis);
  const at = (of: Value, place: number): Value => op.slice(of, [{ axis: classAxis, start: place, end: place + 1 }]);
  const best = op.where(op.equal(at(places, 0), label), at(top, 1), at(top, 0));
  return { best, chosen: op.gatherElements(output, label, classAxis), top };
}

/** Writes a loss; gives the scalar. @throws autodiff/bad-loss */
export function writeLoss(name: LossName, site: LossSite): Value {
  const { terms, total } = termsOf(name, site);
  return site.op[total](terms, range(site.op.rank(terms)), false);
}

/** Writes a loss for each example by itself; gives a vector over the axis `rows`. @throws autodiff/bad-loss */
export function writeLosses(name: LossName, site: LossSite, rows: number): Value {
  const { terms, total } = termsOf(name, site);
  const others = range(site.op.rank(terms)).filter((axis) => axis !== rows);
  return site.op[total](terms, others, false);
}

function termsOf(name: LossName, site: LossSite): Terms {
  const build = losses[name] as LossBuilder | undefined;
  if (build === undefined) {
    throw new ModelkeepError("autodiff/bad-loss", {
      message: `there is no loss ${quote(name)}`,
      hint: `losses: ${lossNames.join(", ")}`,
      status: 400,
    });
  }
  return build(site);
}

/** The axis of classes: the second where there is a batch, as in PyTorch. */
export function classAxisOf(output: Value, given: number | undefined): number {
  const rank = output.dims?.length ?? 2;
  return axisOf(given ?? Math.min(1, rank - 1), rank);
}

/**
 * Checks labels before they reach the graph, where a negative one would silently count from the end.
 * @throws autodiff/bad-loss
 */
export function checkLabels(input: LabelInput, labels: Tensor): void {
  const { classes } = input;
  if (input.type !== "int64") return;
  const wrong = toNumbers(labels).findIndex((label) => label < 0 || (classes !== undefined && label >= classes));
  if (wrong < 0) return;
  throw new ModelkeepError("autodiff/bad-loss", {
    message: `label ${toNumbers(labels)[wrong]} at position ${wrong} is not a class${classes === undefined ? "" : ` of 0 … ${classes - 1}`}`,
    hint: "labels are class numbers counted from 0",
    status: 400,
  });
}
