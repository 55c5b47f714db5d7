/** Examples and labels of an assessment, as the attacks take them. */
import type { IndexedDataset } from "../../../model/data/index.node.ts";
import { toNumbers } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import { digestOfSet, openSet } from "../train/open-set.ts";
import type { Reading } from "../train/open-set.ts";
import type { Truth } from "../../../lab/assess/index.ts";
import { badData } from "../train/refuse.ts";
import { classNumbers } from "./labels.ts";
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

/**
 * @param names what the model calls its classes, in the order of its scores
 * @throws api/bad-data when there are no labels or no numbers, and what the data's format throws
 */
export async function openAssessData(
  request: Pick<AssessRequest, "data" | "labels" | "target" | "limit" | "task">,
  known: Reading = {},
  names?: readonly string[],
): Promise<AssessData> {
  const { data, labels, target, limit, task = "classification" } = request;
  const how = task === "regression" ? "regression" : "classification";
  const { set, reading } = await openSet({ data, labels, target, limit, task: how }, "test", namedBy(known, names));
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
  const labelled = tensors[field.name] as Tensor;
  const isClassifier = task === "classification";
  return {
    name: nameOf(set),
    digest: await digestOfSet(set),
    x: Float32Array.from(values),
    labels: isClassifier ? classNumbers(labelled, field, names) : new Int32Array(set.size),
    truth: isClassifier ? undefined : { data: Float32Array.from(toNumbers(labelled)), dims: field.dims },
    dims: input.dims,
    table: reading.schema !== undefined,
  };
}

const nameOf = ({ name, size }: IndexedDataset): string => `${name}, ${size} examples`;

/** A table's names of classes are numbered as the model has them, where no training record says it already. */
const namedBy = (known: Reading, names: readonly string[] | undefined): Reading =>
  known.classes !== undefined || names === undefined ? known : { ...known, classes: names };
