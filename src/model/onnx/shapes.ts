/** Shape inference with symbolic dimensions, and specialisation to given sizes. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { canonicalDim, substituteDim, symbolsOf } from "./dim.ts";
import { near } from "./near.ts";
import { tensorType } from "./graph.ts";
import type { Dim, Graph, Model, ValueInfo, ValueType } from "./graph.ts";
import { asTensor, staticCount } from "./infer/abstract.ts";
import type { Abstract } from "./infer/abstract.ts";
import { inferModel } from "./infer/engine.ts";
import { removeDeadCode } from "./passes/dead-code.ts";
import { elementBits, elementFamily } from "./tensor.ts";
import type { ElementType, Tensor } from "./tensor.ts";
import { tensorOf } from "./values.ts";

/**
 * What each value of the main graph is. Dimensions may be expressions of the inputs' symbols, such as `2*N + 1`; a free dimension of
 * input `x` that the file does not name is called `x.0`, `x.1`, …
 * @throws onnx/bad-shape · onnx/bad-graph · onnx/too-costly
 * @example
 * inferTypes(model).get("logits"); // { kind: "tensor", elementType: "float32", dims: ["N", 10] }
 */
export function inferTypes(model: Model): ReadonlyMap<string, ValueType> {
  const types = new Map<string, ValueType>();
  for (const [name, { type }] of inferModel(model).values) if (type !== undefined) types.set(name, type);
  return types;
}

/**
 * The same model with the type of each inner value and output written down.
 * @throws onnx/bad-shape · onnx/bad-graph · onnx/too-costly
 */
export function inferShapes(model: Model): Model {
  return annotate(model, inferModel(model).values);
}

function annotate(model: Model, values: ReadonlyMap<string, Abstract>): Model {
  const { graph } = model;
  const outputNames = new Set(graph.outputs.map(({ name }) => name));
  const valueInfo = new Map(graph.valueInfo);
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      const type = values.get(name)?.type;
      if (name !== "" && type !== undefined && !outputNames.has(name))
        valueInfo.set(name, { ...valueInfo.get(name), name, type });
    }
  }
  const outputs = graph.outputs.map((info) => sharpen(info, values.get(info.name)?.type));
  return { ...model, graph: { ...graph, outputs, valueInfo } };
}

/** A declared output with what inference adds; the file's own symbols stay where inference has none of its own. */
function sharpen(info: ValueInfo, type: ValueType | undefined): ValueInfo {
  if (type === undefined || info.type === undefined) return type === undefined ? info : { ...info, type };
  if (type.kind !== "tensor" || info.type.kind !== "tensor" || type.dims === undefined) return info;
  const declared = info.type.dims;
  const isMade = (dim: Dim): boolean => typeof dim === "string" && dim.startsWith("unk__");
  const dims = type.dims.map((dim, i) => (dim === null || isMade(dim) ? (declared?.[i] ?? dim) : dim));
  return { ...info, type: tensorType(type.elementType, dims) };
}

/** Sizes by the names of symbols; `x.0` is dimension 0 of input `x` where the file gives it no name. */
export type Bindings = Readonly<Record<string, number>>;

/**
 * The model for given sizes: symbols replaced, the shape arithmetic that exporters leave behind computed, dead nodes removed. Values
 * that depend on data keep their symbols.
 * @throws onnx/bad-rewrite when a name is no symbol of the inputs, or a size is not a positive integer · onnx/bad-shape
 * @example
 * const fixed = specialise(model, { N: 64 });
 */
export function specialise(model: Model, bindings: Bindings): Model {
  const bound = bindModel(model, bindings);
  const { values } = inferModel(bound);
  const typed = annotate(bound, values);
  return { ...typed, graph: removeDeadCode(foldKnown(typed.graph, values)) };
}

function bindModel(model: Model, bindings: Bindings): Model {
  checkBindings(model, bindings);
  const size = (symbol: string): number | undefined => (Object.hasOwn(bindings, symbol) ? bindings[symbol] : undefined);
  const bindInfo = (info: ValueInfo, isInput: boolean): ValueInfo => {
    if (info.type?.kind !== "tensor" || info.type.dims === undefined) return info;
    const dims = info.type.dims.map((dim, i) => {
      if (dim === null) return isInput ? (size(`${info.name}.${i}`) ?? null) : null;
      return size(String(dim)) ?? substituteDim(canonicalDim(dim), size);
    });
    return { ...info, type: tensorType(info.type.elementType, dims) };
  };
  const { graph } = model;
  const bound: Graph = {
    ...graph,
    inputs: graph.inputs.map((info) => bindInfo(info, true)),
    outputs: graph.outputs.map((info) => bindInfo(info, false)),
    valueInfo: new Map([...graph.valueInfo].map(([name, info]) => [name, bindInfo(info, false)])),
  };
  return { ...model, graph: bound };
}

function checkBindings({ graph }: Model, bindings: Bindings): void {
  const known = new Set<string>();
  for (const { name, type } of graph.inputs) {
    if (type?.kind !== "tensor") continue;
    for (const [i, dim] of (type.dims ?? []).entries()) {
      if (dim === null) known.add(`${name}.${i}`);
      if (typeof dim !== "string") continue;
      known.add(dim);
      for (const symbol of symbolsOf(canonicalDim(dim))) known.add(symbol);
    }
  }
  for (const [symbol, value] of Object.entries(bindings)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new ModelkeepError("onnx/bad-rewrite", {
        message: `size ${quote(symbol)} is ${value}`,
        hint: "sizes are whole numbers from 0",
      });
    }
    if (known.has(symbol)) continue;
    const meant = near(symbol, known);
    throw new ModelkeepError("onnx/bad-rewrite", {
      message: `the model's inputs have no free size ${quote(symbol)}`,
      hint:
        meant === undefined
          ? `free sizes: ${[...known].map((name) => quote(name)).join(", ") || "none"}`
          : `did you mean ${meant}?`,
    });
  }
}

/** Integers and booleans that inference knows become constants. Floats stay: their rounding is the runtime's business (see `foldConstants`). */
function foldKnown(graph: Graph, values: ReadonlyMap<string, Abstract>): Graph {
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.filter((node) => {
    const constants = node.outputs.map((name) => (name === "" ? undefined : constantOf(values.get(name))));
    if (!node.outputs.every((name, i) => name === "" || constants[i] !== undefined)) return true;
    for (const [i, name] of node.outputs.entries()) if (name !== "") initializers.set(name, constants[i]!);
    return false;
  });
  return { ...graph, nodes, initializers };
}

function constantOf(value: Abstract | undefined): Tensor | undefined {
  const type = asTensor(value);
  const elements = value?.elements;
  if (type === undefined || elements === undefined || staticCount(type.dims) !== elements.length) return undefined;
  if (!elements.every((element) => typeof element === "number" && fits(element, type.elementType))) return undefined;
  return tensorOf(type.elementType, type.dims as number[], elements as number[]);
}

function fits(value: number, type: ElementType): boolean {
  if (!Number.isSafeInteger(value)) return false;
  if (elementFamily(type) === "bool") return value === 0 || value === 1;
  if (elementFamily(type) !== "int") return false;
  const bits = elementBits(type);
  const unsigned = type.startsWith("u");
  return unsigned ? value >= 0 && value < 2 ** bits : value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1);
}
