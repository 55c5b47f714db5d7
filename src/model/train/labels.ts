/** Labels as a loss takes them, checked before they reach a graph, where a wrong one would count from the end or be a NaN that spreads. */
import { quote } from "../../base/error/index.ts";
import type { Batch, Dataset, Field } from "../data/index.ts";
import { isIndexed, rowsByClass } from "../data/index.ts";
import { tensorOf, toNumbers } from "../onnx/index.ts";
import type { Dim, Tensor } from "../onnx/index.ts";
import type { LossName } from "./losses/index.ts";
import type { LabelKind } from "./losses/define.ts";
import { badData } from "./refuse.ts";

/** The field to be learnt. @throws train/bad-data when the data has none */
export function targetOf(data: Dataset): Field {
  const field = data.fields.find(({ name }) => name === data.target);
  if (field !== undefined) return field;
  const names = data.fields.map(({ name }) => quote(name)).join(", ");
  throw badData(`${quote(data.name, 120)} has no labels`, `name the field to be learnt with --target; it has ${names}`);
}

const isWhole = (field: Field): boolean => !/^(?:float|complex|string)/.test(field.type);

/** What fits the target and the scores: numbers by squares, classes by cross entropy, one score by yes and no. */
export function defaultLoss(field: Field, dims: readonly Dim[]): LossName {
  if (!isWhole(field)) return "mse";
  const scores = dims.length > 1 ? dims[1] : 1;
  return scores === 1 ? "binary" : "cross-entropy";
}

/** What a batch's labels must be. */
export interface LabelNeed {
  readonly kind: LabelKind;
  readonly field: Field;
  /** Of the scores, batch first. */
  readonly dims: readonly Dim[];
  /** Values must be 0 … 1. */
  readonly isShare: boolean;
}

/** The labels of a batch. @throws train/bad-data with the row */
export function labelsOf({ kind, field, dims, isShare }: LabelNeed, batch: Batch): Tensor {
  const tensor: Tensor = batch.tensors[field.name]!;
  if (tensor.type === "string")
    throw badData(`the target ${quote(field.name)} is text`, "give classes as whole numbers, or as a table's category");
  const shape = (kind === "classes" ? dims.filter((_, axis) => axis !== 1) : dims).map((dim, i) => (i === 0 ? batch.size : dim));
  const count = shape.reduce<number>((product, dim) => product * Number(dim), 1);
  const numbers = toNumbers(tensor);
  if (numbers.length !== count) {
    const needs = `each example has ${numbers.length / batch.size} labels, the model's scores [${dims.slice(1).join(",")}] take ${count / batch.size}`;
    const isClasses = kind === "values" && numbers.length === batch.size && numbers.every((value) => Number.isInteger(value));
    throw badData(
      needs,
      isClasses
        ? "labels that are class numbers are learnt by --loss cross-entropy, whatever their type"
        : "choose another --target or --loss, or a model for these labels",
    );
  }
  const wrong = numbers.findIndex((value) => !isLabel(value, kind, { classes: dims[1], isShare }));
  if (wrong >= 0) throw badLabel(numbers[wrong]!, batch.rows[Math.floor(wrong / (count / batch.size))]!, kind, dims[1] ?? null);
  return tensorOf(kind === "classes" ? "int64" : "float32", shape.map(Number), numbers);
}

function isLabel(value: number, kind: LabelKind, { classes, isShare }: { classes: Dim | undefined; isShare: boolean }): boolean {
  if (kind === "values") return Number.isFinite(value) && (!isShare || (value >= 0 && value <= 1));
  return Number.isInteger(value) && value >= 0 && (typeof classes !== "number" || value < classes);
}

function badLabel(value: number, row: number, kind: LabelKind, classes: Dim) {
  if (Number.isNaN(value)) return badData(`example ${row} has no label`, "drop examples without a label, or fill it in");
  if (kind === "classes")
    return badData(
      `example ${row} has label ${value}, the model has classes 0 … ${Number(classes) - 1}`,
      "a model needs one score for each class",
    );
  return badData(`example ${row} has label ${value}, this loss takes shares from 0 to 1`, "labels of yes and no are 1 and 0");
}

/**
 * Classes that only validation has cannot be learnt.
 * @throws train/bad-data
 */
export function checkClasses(data: Dataset, validation: Dataset): void {
  const field = targetOf(data);
  if (!isWhole(field) || field.dims.length > 0 || !isIndexed(data) || !isIndexed(validation)) return;
  const known = rowsByClass(data);
  for (const [name, rows] of rowsByClass(validation)) {
    if (known.has(name)) continue;
    throw badData(
      `class ${quote(name)} is in validation (${rows.length} examples) and not in what is learnt from`,
      "validate with --validation 0.1 of the same data, or leave the class out",
    );
  }
}
