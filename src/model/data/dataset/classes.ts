/** Which class each example has, and what follows from it. */

import { createSeeded, shuffle } from "../../../base/math/index.ts";
import { badOption } from "../refuse.ts";
import type { DataTensor } from "../tensor.ts";
import type { IndexedDataset } from "./dataset.ts";
import { countUp } from "./indexed.ts";

/** Rows of each class, in the order of the data; classes in the order of their first example. */
export type ClassRows = ReadonlyMap<string, Uint32Array>;

/**
 * The rows of each class of the target.
 * @throws data/bad-option when there is no target, or it is no class: a float, or a vector
 * @example rowsByClass(digits).get("7")!.length
 */
export function rowsByClass(dataset: IndexedDataset): ClassRows {
  const field = dataset.fields.find(({ name }) => name === dataset.target);
  if (field === undefined) throw badOption("counting classes without a target", "name the field that holds the label");
  if (field.dims.some((dim) => dim !== 1) || /^(float|complex)/.test(field.type)) {
    throw badOption(
      `counting classes of ${field.type}[${field.dims.join(",")}]`,
      "classes are whole numbers or text, one for each example",
    );
  }
  const found = new Map<string, number[]>();
  const tensor = dataset.take(countUp(dataset.size), [field.name]).tensors[field.name]!;
  readClasses(tensor).forEach((value, row) => {
    const rows = found.get(value);
    if (rows === undefined) found.set(value, [row]);
    else rows.push(row);
  });
  return new Map(Array.from(found, ([value, rows]) => [field.classes?.[Number(value)] ?? value, Uint32Array.from(rows)]));
}

function readClasses({ type, data, strings = [] }: DataTensor): readonly string[] {
  const at = [data.buffer as ArrayBuffer, data.byteOffset] as const;
  switch (type) {
    case "string":
      return strings;
    case "int64":
    case "uint64":
      return Array.from(new BigInt64Array(...at, data.length / 8), String);
    case "int32":
      return Array.from(new Int32Array(...at, data.length / 4), String);
    case "uint32":
      return Array.from(new Uint32Array(...at, data.length / 4), String);
    case "int16":
      return Array.from(new Int16Array(...at, data.length / 2), String);
    case "uint16":
      return Array.from(new Uint16Array(...at, data.length / 2), String);
    case "int8":
      return Array.from(new Int8Array(...at, data.length), String);
    default:
      return Array.from(data, String);
  }
}

/** A weight for each class with which all classes count the same: examples / (classes × examples of the class). */
export function classWeights(classes: ClassRows): ReadonlyMap<string, number> {
  const total = [...classes.values()].reduce((sum, rows) => sum + rows.length, 0);
  return new Map(Array.from(classes, ([name, rows]) => [name, total / (classes.size * rows.length)]));
}

/**
 * The data with examples of smaller classes repeated until each class is as large as the largest.
 * @throws data/bad-option as {@link rowsByClass}
 */
export function balance(dataset: IndexedDataset, seed: number): IndexedDataset {
  const classes = [...rowsByClass(dataset).values()];
  const most = classes.reduce((largest, rows) => Math.max(largest, rows.length), 0);
  const rows: number[] = [];
  classes.forEach((own, number) => {
    const random = createSeeded(seed, number);
    // Whole rounds first, so that no example is drawn twice more often than another.
    for (let missing = most; missing > 0; missing -= own.length) {
      for (const row of shuffle(own.slice(), random).subarray(0, missing)) rows.push(row);
    }
  });
  return dataset.select(Uint32Array.from(rows).sort());
}
