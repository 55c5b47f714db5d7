/** The model with its batch dimension named, so that examples can be followed through it. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { requiredInputs, rowsSymbol, tensorType } from "../../onnx/index.ts";
import type { Dim, Model, ValueInfo } from "../../onnx/index.ts";
import type {} from "../errors.ts";

/** A model whose examples lie in axis 0 of some inputs. */
export interface RowModel {
  readonly model: Model;
  /** The inputs that hold examples. */
  readonly inputs: readonly string[];
  /** The name that the file has for the number of examples, or one that it has not used. */
  readonly symbol: string;
  /** The batch size that the file was written for; undefined when it is free, or inputs disagree. */
  readonly batch: number | undefined;
}

/**
 * Names the first dimension of the inputs that hold examples: those asked for, else those whose first dimension is free, else all. What the
 * file says of inner shapes is dropped, because it may speak of one batch size.
 */
export function withRows(model: Model, asked: readonly string[] | undefined): RowModel {
  const { graph } = model;
  const candidates = requiredInputs(graph).filter(({ type }) => type?.kind === "tensor" && (type.dims?.length ?? 0) > 0);
  for (const name of asked ?? []) if (!candidates.some((info) => info.name === name)) throw noSuchInput(name);
  const free = candidates.filter((info) => typeof firstDim(info) !== "number");
  const chosen =
    asked === undefined ? (free.length > 0 ? free : candidates) : candidates.filter(({ name }) => asked.includes(name));
  const names = new Set(chosen.map(({ name }) => name));
  const inputs = graph.inputs.map((info) => {
    if (!names.has(info.name) || info.type?.kind !== "tensor") return info;
    return { ...info, type: tensorType(info.type.elementType, [rowsSymbol, ...info.type.dims!.slice(1)]) };
  });
  const outputs = graph.outputs.map(({ name }) => ({ name }));
  const symbol = chosen.map(firstDim).find((dim) => typeof dim === "string") ?? "rows";
  const sizes = new Set(chosen.map(firstDim));
  const [batch] = sizes;
  return {
    model: { ...model, graph: { ...graph, inputs, outputs, valueInfo: new Map() } },
    inputs: [...names],
    symbol,
    batch: sizes.size === 1 && typeof batch === "number" ? batch : undefined,
  };
}

const firstDim = ({ type }: ValueInfo): Dim | undefined => (type?.kind === "tensor" ? type.dims?.[0] : undefined);

const noSuchInput = (name: string): ModelkeepError =>
  new ModelkeepError("autodiff/unknown-value", {
    message: `the model has no input ${quote(name)} with an axis for examples`,
    hint: "`modelkeep inspect` prints the inputs and their shapes",
    status: 400,
  });

/** The model with its own name for the number of examples. */
export function withSymbol(model: Model, symbol: string): Model {
  const renamed = (info: ValueInfo): ValueInfo => {
    if (info.type?.kind !== "tensor" || info.type.dims === undefined) return info;
    const dims = info.type.dims.map((dim) => (typeof dim === "string" ? dim.replaceAll(rowsSymbol, symbol) : dim));
    return { ...info, type: tensorType(info.type.elementType, dims) };
  };
  const { graph } = model;
  return {
    ...model,
    graph: {
      ...graph,
      inputs: graph.inputs.map(renamed),
      outputs: graph.outputs.map(renamed),
      valueInfo: new Map([...graph.valueInfo].map(([name, info]) => [name, renamed(info)])),
    },
  };
}
