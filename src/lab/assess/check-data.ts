/** Refusals before a model is asked anything: examples, labels and model that do not fit each other. */
import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { AttackTarget, Bounds } from "../attack/index.ts";

export interface Assessed {
  readonly subject: { readonly target: AttackTarget };
  readonly x: Float32Array;
  readonly labels: Int32Array;
  /** Sizes of one example of the data, where they are known. */
  readonly dims?: readonly number[] | undefined;
  readonly bounds: Bounds;
}

/** @throws assess/bad-data */
export function checkAssessed({ subject: { target }, x, labels, dims, bounds }: Assessed): void {
  const { rowSize, rowDims, classes } = target;
  const shape = `[${rowDims.join(", ")}]`;
  if (labels.length === 0) throw bad("there are no examples", "give at least one; `--limit` is above 0");
  if (x.length !== labels.length * rowSize) {
    const rows = x.length / rowSize;
    if (Number.isInteger(rows))
      throw bad(`${rows} examples and ${labels.length} labels`, "give one label for each example, in the same order");
    throw bad(
      dims === undefined
        ? `the data's examples do not have the model's shape ${shape}`
        : `the data's examples are [${dims.join(", ")}], the model takes ${shape}`,
      "`modelkeep inspect` prints the shape that the model takes",
    );
  }
  if (dims !== undefined && !fits(dims, rowDims)) {
    throw bad(
      `the data's examples are [${dims.join(", ")}], the model takes ${shape}: as many numbers, in another order`,
      "put the axes in the model's order: channels first or last is what most often differs",
    );
  }
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes));
  if (wrong >= 0) {
    throw bad(
      `label ${labels[wrong]} at position ${wrong} is none of the model's ${classes} classes`,
      `labels are class numbers from 0 to ${classes - 1}`,
    );
  }
  const strange = x.findIndex((value) => !Number.isFinite(value));
  if (strange >= 0)
    throw bad(
      `value ${strange % rowSize} of example ${Math.floor(strange / rowSize)} is not a finite number`,
      "clean the data first",
    );
  const side = (given: Bounds["low"], i: number): number => (typeof given === "number" ? given : given[i]!);
  const outside = x.findIndex(
    (value, i) => value < side(bounds.low, i % rowSize) - 1e-6 || value > side(bounds.high, i % rowSize) + 1e-6,
  );
  if (outside >= 0) {
    throw bad(
      `value ${x[outside]} of example ${Math.floor(outside / rowSize)} lies outside the bounds ${side(bounds.low, outside % rowSize)} … ${side(bounds.high, outside % rowSize)}`,
      "give `--bounds low,high` in the units of the data",
    );
  }
}

/** The same sizes but for ones; a list of numbers in a row is taken in the model's order. */
function fits(dims: readonly number[], rowDims: readonly number[]): boolean {
  const [given, taken] = [dims, rowDims].map((sizes) => sizes.filter((size) => size !== 1)) as [number[], number[]];
  return given.length <= 1 || taken.length <= 1 || given.join() === taken.join();
}

const bad = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("assess/bad-data", { message, hint, status: 400, exit: 4 });
