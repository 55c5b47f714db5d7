/** Labels as class numbers, whatever they are called. */
import { quote } from "../../../base/error/index.ts";
import { toNumbers } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import { badData } from "../train/refuse.ts";

/** How a field of labels is told. */
interface LabelField {
  readonly dims: readonly number[];
  /** Names of its class numbers, where the data has them. */
  readonly classes?: readonly string[] | undefined;
}

/**
 * Class numbers; a row of zeros with a single one is the number of its place.
 *
 * @param names what the model calls its classes: labels are then their places among them, so that classes 1, 2, 3 are columns 0, 1, 2
 * @throws api/bad-data
 */
export function classNumbers(tensor: Tensor, { dims, classes }: LabelField, names?: readonly string[]): Int32Array {
  const numbered = names?.every((name) => /^-?\d+$/.test(name)) ?? false;
  if (tensor.strings !== undefined || (numbered && classes === undefined && dims.length === 0)) return placesOf(tensor, names);
  const told = toNumbers(tensor);
  const width = dims.reduce((product, size) => product * size, 1);
  if (width > 1) return oneHot(told, width);
  const fraction = told.findIndex((value) => !Number.isInteger(value));
  if (fraction < 0) return Int32Array.from(told);
  throw badData(
    `label ${told[fraction]} at position ${fraction} is no class number`,
    "labels are whole numbers from 0; for answers that are numbers: `--task regression --tolerance 0.1`",
  );
}

function placesOf(tensor: Tensor, names: readonly string[] | undefined): Int32Array {
  const told: readonly string[] = tensor.strings ?? toNumbers(tensor).map(String);
  if (names === undefined) {
    throw badData(
      `the labels are names, such as ${quote(told[0] ?? "", 40)}, and the model does not say what its classes are called`,
      "give class numbers: the places of the classes among the model's scores, from 0",
    );
  }
  return Int32Array.from(told, (label, row) => {
    const place = names.indexOf(label);
    if (place >= 0) return place;
    const known = names.slice(0, 12).map((name) => quote(name, 40));
    throw badData(
      `label ${quote(label, 40)} at position ${row} is none of the model's ${names.length} classes`,
      `they are ${known.join(", ")}`,
    );
  });
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
