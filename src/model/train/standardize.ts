/** Columns brought to one size inside the graph, so that the trained file takes them as they are measured. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type { IndexedDataset } from "../data/index.ts";
import { indexOf, inferTypes, renameUses, tensorOf, toFloat } from "../onnx/index.ts";
import type { Model, Node } from "../onnx/index.ts";
import type {} from "./errors.ts";
import { badData } from "./refuse.ts";

/** Mean and standard deviation of each column. */
export interface ColumnScales {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** The constants' names in the file. */
const names = { mean: "standardize.mean", deviation: "standardize.deviation" };

/**
 * Means and deviations of a field's columns over all examples, in two passes of float64. What is not a number does not count; a column that is always
 * the same has deviation 1.
 * @param chosen which columns; the others keep mean 0 and deviation 1
 * @throws train/bad-data for a field that has no columns
 */
export function scalesOf(set: IndexedDataset, field: string, chosen: (column: number) => boolean = () => true): ColumnScales {
  const [width, ...more] = set.fields.find(({ name }) => name === field)?.dims ?? [];
  if (width === undefined || more.length > 0)
    throw badData(`field ${quote(field)} has no columns to be brought to one size`, "--standardize is for tables of numbers");
  const [sum, count, square] = [new Float64Array(width), new Float64Array(width), new Float64Array(width)];
  eachRow(set, field, (values) => {
    for (const [i, value] of values.entries()) {
      if (!Number.isFinite(value)) continue;
      sum[i % width]! += value;
      count[i % width]! += 1;
    }
  });
  const mean = Array.from(sum, (total, i) => (chosen(i) && count[i]! > 0 ? total / count[i]! : 0));
  eachRow(set, field, (values) => {
    for (const [i, value] of values.entries()) if (Number.isFinite(value)) square[i % width]! += (value - mean[i % width]!) ** 2;
  });
  const deviation = Array.from(square, (total, i) => {
    const size = Math.sqrt(total / count[i]!);
    return chosen(i) && size > 1e-6 * Math.max(1e-6, Math.abs(mean[i]!)) ? size : 1;
  });
  return { mean, deviation };
}

function eachRow(set: IndexedDataset, field: string, see: (values: Float32Array) => void): void {
  for (let at = 0; at < set.size; at += 4096) {
    const rows = Uint32Array.from({ length: Math.min(4096, set.size - at) }, (_, i) => at + i);
    see(toFloat(set.take(rows, [field]).tensors[field]!));
  }
}

/**
 * The model with `(x − mean) / deviation` before everything that uses its input.
 * @throws train/bad-option when it does so already, or its input is no vector of as many numbers
 */
export function standardised(model: Model, input: string, { mean, deviation }: ColumnScales): Model {
  const { graph } = model;
  const { names: taken } = indexOf(graph);
  if (taken.has(names.mean))
    throw refused(
      "the model brings its columns to one size already",
      "leave --standardize out: its means stay those of the first training",
    );
  const type = inferTypes(model).get(input);
  const dims = type?.kind === "tensor" ? type.dims : undefined;
  const width = dims?.[1];
  if (
    type?.kind !== "tensor" ||
    type.elementType !== "float32" ||
    dims?.length !== 2 ||
    (typeof width === "number" && width !== mean.length)
  )
    throw refused(
      `input ${quote(input)} of the model is no vector of ${mean.length} float32 numbers`,
      `modelkeep model new mlp --input ${mean.length}`,
    );
  const [centred, scaled] = [`${input}/centred`, `${input}/standardized`];
  const node = (op: string, inputs: readonly string[], output: string): Node => ({
    op,
    domain: "",
    name: output,
    inputs,
    outputs: [output],
    attributes: new Map(),
  });
  const constants = new Map(graph.initializers)
    .set(names.mean, tensorOf("float32", [mean.length], mean))
    .set(names.deviation, tensorOf("float32", [mean.length], deviation));
  const before = [node("Sub", [input, names.mean], centred), node("Div", [centred, names.deviation], scaled)];
  const nodes = graph.nodes.map((one) => renameUses(one, (name) => (name === input ? scaled : name)));
  return { ...model, graph: { ...graph, nodes: [...before, ...nodes], initializers: constants } };
}

const refused = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("train/bad-option", { message, hint, exit: 4, status: 400 });
