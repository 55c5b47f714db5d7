/** Examples and labels of an assessment, as the attacks take them. */
import type { IndexedDataset } from "../../../model/data/index.node.ts";
import { toNumbers } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import { digestOfSet, openSet } from "../train/open-set.ts";
import type { Reading } from "../train/open-set.ts";
import { badData } from "../train/refuse.ts";
import type { AssessRequest } from "./request.ts";

export interface AssessData {
  readonly name: string;
  readonly digest: string;
  readonly x: Float32Array;
  readonly labels: Int32Array;
  /** Dimensions of one example. */
  readonly dims: readonly number[];
  /** Whether its numbers are columns, each in units of its own. */
  readonly table: boolean;
}

/** @throws api/bad-data when there are no labels or no numbers, and what the data's format throws */
export async function openAssessData(
  request: Pick<AssessRequest, "data" | "labels" | "target" | "limit">,
  known: Reading = {},
): Promise<AssessData> {
  const { data, labels, target, limit } = request;
  const { set, reading } = await openSet({ data, labels, target, limit, task: "classification" }, "test", known);
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
  const classes = toNumbers(tensors[field.name] as Tensor);
  const fraction = classes.findIndex((value) => !Number.isInteger(value));
  if (fraction >= 0)
    throw badData(`label ${classes[fraction]} at position ${fraction} is no class number`, "labels are whole numbers from 0");
  return {
    name: nameOf(set),
    digest: await digestOfSet(set),
    x: Float32Array.from(values),
    labels: Int32Array.from(classes),
    dims: input.dims,
    table: reading.schema !== undefined,
  };
}

const nameOf = ({ name, size }: IndexedDataset): string => `${name}, ${size} examples`;
