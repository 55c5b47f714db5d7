/** Mutations of model files: of their bytes, and of their meaning (other operators, sizes, names, attributes), reproducible by seed. */
import { performance } from "node:perf_hooks";
import { isModelkeepError } from "../../src/base/error/index.ts";
import { allOperators, checkModel, contractOf, costOf, readModel, writeModel } from "../../src/model/onnx/index.ts";
import type { Attribute, Dim, Model, Node, ValueInfo } from "../../src/model/onnx/index.ts";

/** mulberry32: a small generator, so that a failing seed can be run again. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Below = ReturnType<typeof generator>;

/** A few bytes changed, removed, doubled, moved, or the end cut off. */
export function mutateBytes(bytes: Uint8Array, below: Below): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let i = 1 + below(4); i > 0; i--) {
    const at = below(result.length);
    const length = Math.min(1 + below(16), result.length - at);
    const part = result.slice(at, at + length);
    const kind = below(7);
    if (kind < 2) result[at] = below(256);
    else if (kind === 2) result[at]! ^= 1 << below(8);
    else if (kind === 3) result = result.slice(0, at + 1);
    else if (kind === 4) result = joined(result.subarray(0, at), result.subarray(at + length));
    else if (kind === 5) result = joined(result.subarray(0, at), part, result.subarray(at));
    else result.set([0xff, 0xff, 0xff, 0xff, 0x7f].slice(0, length), at);
  }
  return result;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const operators = allOperators();
const extremes = [0, 1, -1, 2, -2, 7, 64, 65_536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)];

/** One thing of a model's meaning changed. */
export function mutateModel(model: Model, below: Below): Model {
  const { graph } = model;
  const nodes = [...graph.nodes];
  const at = below(nodes.length);
  const node = nodes[at]!;
  const kind = below(8);
  if (kind === 0) return { ...model, graph: { ...graph, inputs: graph.inputs.map((info) => mutateInfo(info, below)) } };
  if (kind === 1) return { ...model, opsets: new Map([["", below(30)]]) };
  if (kind === 2) nodes.splice(below(nodes.length), 0, nodes.splice(at, 1)[0]!);
  else nodes[at] = mutateNode(node, names(model), below);
  return { ...model, graph: { ...graph, nodes } };
}

const names = ({ graph }: Model): string[] => [
  "",
  ...graph.inputs.map(({ name }) => name),
  ...graph.initializers.keys(),
  ...graph.nodes.flatMap(({ outputs }) => outputs),
];

function mutateNode(node: Node, known: readonly string[], below: Below): Node {
  const kind = below(5);
  const any = known[below(known.length)]!;
  if (kind === 0) {
    const { op, domain } = operators[below(operators.length)]!;
    return { ...node, op, domain };
  }
  if (kind === 1) return { ...node, inputs: node.inputs.map((name) => (below(2) === 0 ? any : name)) };
  if (kind === 2) return { ...node, inputs: [...node.inputs, any] };
  if (kind === 3) return { ...node, outputs: [...node.outputs, `extra${below(3)}`] };
  const attributes = [...node.attributes].map(([name, value]) => [name, mutateAttribute(value, below)] as const);
  const added = ["axis", "axes", "keepdims", "perm", "pads", "strides", "kernel_shape", "group", "to", "shape"][below(10)]!;
  return { ...node, attributes: new Map([...attributes, ...(below(2) === 0 ? [[added, anyAttribute(below)] as const] : [])]) };
}

const extreme = (below: Below): number | bigint => extremes[below(extremes.length)]!;

const anyAttribute = (below: Below): Attribute =>
  below(2) === 0
    ? { kind: "int", value: extreme(below) }
    : { kind: "ints", value: Array.from({ length: below(5) }, () => extreme(below)) };

function mutateAttribute(attribute: Attribute, below: Below): Attribute {
  if (below(3) > 0) return attribute;
  if (attribute.kind === "int") return { kind: "int", value: extreme(below) };
  if (attribute.kind === "ints")
    return { kind: "ints", value: attribute.value.map((value) => (below(2) === 0 ? extreme(below) : value)) };
  return anyAttribute(below);
}

function mutateInfo(info: ValueInfo, below: Below): ValueInfo {
  if (info.type?.kind !== "tensor") return info;
  const sizes: Dim[] = [0, 1, 2, 2 ** 20, 2 ** 40, null, "N", "M", "2*N + floor(M/3)", "(", "{}"];
  const dims = info.type.dims?.map((dim) => (below(2) === 0 ? sizes[below(sizes.length)]! : dim));
  return { ...info, type: { ...info.type, dims: below(8) === 0 ? undefined : dims } };
}

/** What became of one mutation. */
export interface Fate {
  readonly code: string;
  readonly ms: number;
}

/** The code of an error of ours; one that only wraps a fault of our own code is none. */
function ours(error: unknown): string {
  if (!isModelkeepError(error)) throw error;
  if (error.cause !== undefined && !isModelkeepError(error.cause)) throw error.cause;
  return error.code;
}

/** Reads, checks, estimates; anything but one of our own errors is thrown on. */
export function takeIn(bytes: Uint8Array): Fate {
  const start = performance.now();
  let code = "accepted";
  try {
    const model = readModel(bytes);
    for (const step of [checkModel, costOf, contractOf]) {
      try {
        step(model);
      } catch (error) {
        code = ours(error);
      }
    }
  } catch (error) {
    code = ours(error);
  }
  return { code, ms: performance.now() - start };
}

/**
 * Runs mutations of some files and gives how often each fate was met, and the slowest.
 * @throws the first error that is not ours, with the seed that makes it
 */
export function storm(
  files: readonly Uint8Array[],
  count: number,
  firstSeed = 1,
): { fates: ReadonlyMap<string, number>; slowestMs: number } {
  const fates = new Map<string, number>();
  const models = files.map((bytes) => readModel(bytes));
  let slowestMs = 0;
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const below = generator(seed);
    const which = below(files.length);
    let mutant: Uint8Array;
    if (below(2) === 0) mutant = mutateBytes(files[which]!, below);
    else {
      let model = models[which]!;
      for (let i = 1 + below(3); i > 0; i--) model = mutateModel(model, below);
      mutant = writeModel(model);
    }
    try {
      const { code, ms } = takeIn(mutant);
      fates.set(code, (fates.get(code) ?? 0) + 1);
      slowestMs = Math.max(slowestMs, ms);
    } catch (cause) {
      throw new Error(`seed ${seed} escapes: ${String(cause)}`, { cause });
    }
  }
  return { fates, slowestMs };
}
