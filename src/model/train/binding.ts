/** Which field of the data each input of a model takes, and batches in the types and shapes that the model wants. */
import { nearest, quote } from "../../base/error/index.ts";
import type { Batch, Dataset, Field } from "../data/index.ts";
import { requiredInputs, tensorOf, toNumbers } from "../onnx/index.ts";
import type { Dim, ElementType, Model, Tensor } from "../onnx/index.ts";
import { badData } from "./refuse.ts";

/** An input of the model and the field of the data that it takes. */
export interface InputBinding {
  readonly name: string;
  readonly type: ElementType;
  readonly field: Field;
  /** Of one example, as the model takes it. */
  readonly dims: readonly number[];
}

/**
 * Finds a field for each input: the one chosen, the one of its name, or the only one that is no target.
 * @throws train/bad-data
 */
export function bindInputs(model: Model, data: Dataset, chosen: Readonly<Record<string, string>> = {}): readonly InputBinding[] {
  const free = data.fields.filter(({ name }) => name !== data.target);
  const inputs = requiredInputs(model.graph);
  return inputs.map(({ name, type }) => {
    const wanted = chosen[name];
    const field =
      free.find((candidate) => candidate.name === (wanted ?? name)) ??
      (wanted === undefined && inputs.length === 1 && free.length === 1 ? free[0] : undefined);
    if (field === undefined) throw noField(name, wanted, free);
    if (type?.kind !== "tensor") throw badData(`input ${quote(name)} of the model is no tensor`, "train models of tensors");
    return { name, type: type.elementType, field, dims: dimsOf(name, field, type.dims) };
  });
}

function noField(input: string, wanted: string | undefined, free: readonly Field[]) {
  const names = free.map(({ name }) => name);
  const near = wanted === undefined ? undefined : nearest(wanted, names);
  const what = wanted === undefined ? `nothing is given for input ${quote(input)}` : `the data has no field ${quote(wanted)}`;
  const has = `the data has ${names.map((name) => quote(name)).join(", ") || "nothing but its target"}`;
  return badData(what, near === undefined ? has : `did you mean ${quote(near)}?`);
}

/**
 * One example's shape as the model takes it: a flat vector may stand for an image of as many numbers, and an image for the vector; grey images may
 * come without their axis of one colour. What would only fit by chance is refused.
 */
function dimsOf(input: string, field: Field, declared: readonly Dim[] | undefined): readonly number[] {
  const wanted = declared?.slice(1);
  if (wanted === undefined) return field.dims;
  const fits = wanted.length === field.dims.length && wanted.every((dim, i) => typeof dim !== "number" || dim === field.dims[i]);
  if (fits) return field.dims;
  const fixed = wanted.filter((dim): dim is number => typeof dim === "number");
  if (fixed.length === wanted.length) {
    const isFlat = (field.dims.length === 1 || fixed.length === 1) && product(fixed) === product(field.dims);
    if (isFlat || wide(fixed) === wide(field.dims)) return fixed;
  }
  throw badData(
    `field ${quote(field.name)} has examples of [${field.dims.join(",")}], input ${quote(input)} takes [${wanted.map((dim) => dim ?? "?").join(",")}]`,
    `make a model for this data (\`modelkeep model new … --input ${field.dims.join("x") || 1}\`), or data for this model`,
  );
}

/** Axes that hold more than one number. */
const wide = (dims: readonly number[]): string => dims.filter((dim) => dim !== 1).join();

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** The inputs of a batch. @throws train/bad-data */
export function inputsOf(bindings: readonly InputBinding[], batch: Batch): Record<string, Tensor> {
  return Object.fromEntries(
    bindings.map(({ name, type, field, dims }) => {
      const tensor = batch.tensors[field.name]!;
      const shaped: Tensor = { ...tensor, dims: [batch.size, ...dims] };
      return [name, shaped.type === type ? shaped : converted(shaped, type, field.name)];
    }),
  );
}

function converted(tensor: Tensor, type: ElementType, field: string): Tensor {
  if (tensor.type === "string" || type === "string")
    throw badData(`field ${quote(field)} is ${tensor.type}, the model takes ${type}`, "choose a tokeniser, or another field");
  return tensorOf(type, tensor.dims, toNumbers(tensor));
}
