/**
 * A model as an immutable value. Rewriting means building a new graph that shares the untouched parts with the old one;
 * values are known by their names, as in ONNX, and nodes by identity.
 *
 * INVARIANT: nothing here is changed after it was made. Lookups cache by identity on the strength of it.
 */
import type { ElementType, Tensor } from "./tensor.ts";

/** A model file: graph, the operator sets it is written in, functions, and who made it. */
export interface Model {
  readonly irVersion: number;
  /** Operator sets by domain; the standard domain is `""` (also where the file says `ai.onnx`). */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly functions: readonly ModelFunction[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly producer?: string | undefined;
  readonly producerVersion?: string | undefined;
  readonly domain?: string | undefined;
  readonly modelVersion?: number | bigint | undefined;
  readonly doc?: string | undefined;
  /** What the file had and this value has not, such as `ModelProto.20` (training information): field numbers of onnx.proto. */
  readonly dropped?: readonly string[];
}

/** Nodes in topological order between named inputs and outputs. */
export interface Graph {
  readonly name: string;
  /** As declared. A name that is also an initializer is an input with a default, see {@link requiredInputs}. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly sparseInitializers?: ReadonlyMap<string, SparseTensor>;
  /** Declared or inferred types of inner values. */
  readonly valueInfo: ReadonlyMap<string, ValueInfo>;
  readonly doc?: string | undefined;
  readonly metadata?: ReadonlyMap<string, string>;
}

/** One application of an operator. */
export interface Node {
  readonly op: string;
  /** `""` is the standard domain. */
  readonly domain: string;
  /** Which of several functions of this name is meant; nearly always `""`. */
  readonly overload?: string | undefined;
  /** May be `""`: names of nodes are for people. */
  readonly name: string;
  /** Names of values; `""` is an optional input that is not given. */
  readonly inputs: readonly string[];
  /** Names of values; `""` is an optional output that nobody wants. */
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly doc?: string | undefined;
  readonly metadata?: ReadonlyMap<string, string>;
}

/** A node's parameter. Integers are numbers where they are exact and bigints beyond ±2^53; see `attribute.ts` for reading them. */
export type Attribute =
  | { readonly kind: "int"; readonly value: number | bigint }
  | { readonly kind: "ints"; readonly value: readonly (number | bigint)[] }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "floats"; readonly value: readonly number[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  | { readonly kind: "tensor"; readonly value: Tensor }
  | { readonly kind: "tensors"; readonly value: readonly Tensor[] }
  | { readonly kind: "sparse"; readonly value: SparseTensor }
  | { readonly kind: "sparses"; readonly value: readonly SparseTensor[] }
  | { readonly kind: "graph"; readonly value: Graph }
  | { readonly kind: "graphs"; readonly value: readonly Graph[] }
  | { readonly kind: "type"; readonly value: ValueType }
  | { readonly kind: "types"; readonly value: readonly ValueType[] }
  /** Inside a function: stands for the attribute `value` of the call, which has kind `of`. */
  | { readonly kind: "reference"; readonly value: string; readonly of: AttributeKind };

/** The kinds of {@link Attribute} that hold a value. */
export type AttributeKind = Exclude<Attribute["kind"], "reference">;

/** Coordinates and values of the elements that are not zero. */
export interface SparseTensor {
  readonly dims: readonly number[];
  readonly values: Tensor;
  /** int64, either [count] linear or [count, rank]. */
  readonly indices: Tensor;
}

/** A dimension: fixed, a symbol that is the same wherever it appears (an expression such as `2*N` too), or not known. */
export type Dim = number | string | null;

/** The type of a tensor; `dims` undefined means that not even the rank is known. */
export interface TensorType {
  readonly kind: "tensor" | "sparse";
  readonly elementType: ElementType;
  readonly dims?: readonly Dim[] | undefined;
}

/** The type of a value. */
export type ValueType =
  | TensorType
  | { readonly kind: "sequence" | "optional"; readonly of: ValueType | undefined }
  | { readonly kind: "map"; readonly key: ElementType; readonly of: ValueType | undefined }
  | { readonly kind: "opaque"; readonly domain: string; readonly name: string };

/** A named value and what is known of its type. */
export interface ValueInfo {
  readonly name: string;
  readonly type?: ValueType | undefined;
  readonly doc?: string | undefined;
  readonly metadata?: ReadonlyMap<string, string>;
}

/** A function that the model brings along: a node `domain::name` means its body. */
export interface ModelFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload?: string | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Names of attributes that a call must give. */
  readonly attributes: readonly string[];
  /** Attributes with defaults. */
  readonly defaults: ReadonlyMap<string, Attribute>;
  readonly nodes: readonly Node[];
  readonly opsets: ReadonlyMap<string, number>;
  readonly valueInfo?: ReadonlyMap<string, ValueInfo>;
  readonly doc?: string | undefined;
  readonly metadata?: ReadonlyMap<string, string>;
}

/** Inputs that a caller must give: those without an initializer of the same name. */
export function requiredInputs(graph: Graph): readonly ValueInfo[] {
  return graph.inputs.filter(({ name }) => !graph.initializers.has(name) && !graph.sparseInitializers?.has(name));
}

/** A tensor type. */
export const tensorType = (elementType: ElementType, dims?: readonly Dim[]): TensorType => ({
  kind: "tensor",
  elementType,
  dims,
});

/** The type of a constant. */
export const typeOf = (tensor: Tensor): TensorType => tensorType(tensor.type, tensor.dims);

/** The subgraphs of a node, with the name of the attribute that holds each. */
export function subgraphs(node: Node): readonly { readonly attribute: string; readonly graph: Graph }[] {
  const found: { attribute: string; graph: Graph }[] = [];
  for (const [attribute, { kind, value }] of node.attributes) {
    if (kind === "graph") found.push({ attribute, graph: value });
    if (kind === "graphs") found.push(...value.map((graph) => ({ attribute, graph })));
  }
  return found;
}

/** `domain::op`, or only `op` in the standard domain. */
export const operatorName = ({ domain, op }: { readonly domain: string; readonly op: string }): string =>
  domain === "" ? op : `${domain}::${op}`;

/** A node as messages name it: its own name, else its first output. Untrusted text. */
export const nodeLabel = (node: Node): string =>
  `${operatorName(node)} ${node.name === "" ? `→ ${node.outputs.find((name) => name !== "") ?? "nothing"}` : node.name}`;
