/** Examples and labels of an assessment, as the attacks take them. */
import type { IndexedDataset } from "../../../model/data/index.node.ts";
import { toNumbers } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import { digestOfSet, openSet } from "../train/open-set.ts";
import type { Reading } from "../train/open-set.ts";
import type { Truth } from "../../../lab/assess/index.ts";
import { badData } from "../train/refuse.ts";
import type { AssessRequest } from "./request.ts";

export interface AssessData {
  readonly name: string;
  readonly digest: string;
  readonly x: Float32Array;
  readonly labels: Int32Array;
  /** What is true of each example of a task beyond classes, whose labels are zeros: it holds. */
  readonly truth: Truth | undefined;
  /** Dimensions of one example. */
  readonly dims: readonly number[];
  /** Whether its numbers are columns, each in units of its own. */
  readonly table: boolean;
}

/** @throws api/bad-data when there are no labels or no numbers, and what the data's format throws */
export async function openAssessData(
  request: Pick<AssessRequest, "data" | "labels" | "target" | "limit" | "task">,
  known: Reading = {},
): Promise<AssessData> {
  const { data, labels, target, limit, task = "classification" } = request;
  const how = task === "regression" ? "regression" : "classification";
  const { set, reading } = await openSet({ data, labels, target, limit, task: how }, "test", known);
  const field = set.fields.find(({ name }) => name === set.target);
  if (field === undefined) {
    throw badData(
      "the data has no labels: an assessment compares answers with what is right",
      "give `--data x.npy,y.npy`, or name the column with `--target`",
    );
  }
  const inputs = set.fields.filter(({ name }) => name !== set.target);
  const input = inputs.find(({ name }) => name === "x") ?? inputs[0];
  if (input === undefined || /^(?:string|complex)/.test(input.type))
    throw badData("the data has no field of numbers", "give arrays, or a table of numbers");
  const { tensors } = set.take(Uint32Array.from({ length: set.size }, (_, row) => row));
  const values = toNumbers(tensors[input.name] as Tensor);
  const told = toNumbers(tensors[field.name] as Tensor);
  const isClassifier = task === "classification";
  return {
    name: nameOf(set),
    digest: await digestOfSet(set),
    x: Float32Array.from(values),
    labels: isClassifier ? classesOf(told, field.dims) : new Int32Array(set.size),
    truth: isClassifier ? undefined : { data: Float32Array.from(told), dims: field.dims },
    dims: input.dims,
    table: reading.schema !== undefined,
  };
}

/** Class numbers; a row of zeros with a single one is the number of its place. @throws api/bad-data */
function classesOf(told: readonly number[], dims: readonly number[]): Int32Array {
  const width = dims.reduce((product, size) => product * size, 1);
  if (width > 1) return oneHot(told, width);
  const fraction = told.findIndex((value) => !Number.isInteger(value));
  if (fraction < 0) return Int32Array.from(told);
  throw badData(
    `label ${told[fraction]} at position ${fraction} is no class number`,
    "labels are whole numbers from 0; for answers that are numbers: `--task regression --tolerance 0.1`",
  );
}

function oneHot(told: readonly number[], width: number): Int32Array {
  return Int32Array.from({ length: told.length / width }, (_, row) => {
    const part = told.slice(row * width, (row + 1) * width);
    const place = part.indexOf(1);
    if (place >= 0 && part.every((value, i) => value === (i === place ? 1 : 0))) return place;
    throw badData(
      `the label at position ${row} is ${width} numbers, and not a single 1 among zeros`,
      "labels are class numbers from 0, one for each example; for pixels: `--task segmentation`, for objects: `--task detection`",
    );
  });
}

const nameOf = ({ name, size }: IndexedDataset): string => `${name}, ${size} examples`;
