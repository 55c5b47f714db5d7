/** Reading and making the attributes of nodes. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { nodeLabel } from "./graph.ts";
import type { Attribute, AttributeKind, Graph, Node, SparseTensor } from "./graph.ts";
import { factsOf } from "./facts.ts";
import type { Tensor } from "./tensor.ts";

/** What each kind of attribute holds. */
type AttributeValues = { [A in Exclude<Attribute, { kind: "reference" }> as A["kind"]]: A["value"] };

/**
 * The value of an attribute of a known kind, undefined when the node has none of that name.
 * @throws onnx/bad-graph when it has another kind
 */
export function attributeOf<K extends AttributeKind>(node: Node, name: string, kind: K): AttributeValues[K] | undefined {
  const attribute = node.attributes.get(name);
  if (attribute === undefined) return undefined;
  if (attribute.kind === kind) return attribute.value as AttributeValues[K];
  throw new ModelkeepError("onnx/bad-graph", {
    message: `node ${quote(nodeLabel(node))}: attribute ${quote(name)} is ${attribute.kind}, expected ${kind}`,
    hint:
      attribute.kind === "reference"
        ? "inline the model's functions first"
        : "export the model again; the operator's definition names the kind",
    status: 400,
  });
}

/** An int attribute as a number; beyond ±2^53 it loses its last bits, which "to the end" of a slice can bear. */
export function intAttr<D extends number | undefined>(node: Node, name: string, fallback: D): number | D {
  const value = attributeOf(node, name, "int");
  return value === undefined ? fallback : Number(value);
}

export function intsAttr<D extends readonly number[] | undefined>(node: Node, name: string, fallback: D): readonly number[] | D {
  return attributeOf(node, name, "ints")?.map(Number) ?? fallback;
}

export function floatAttr<D extends number | undefined>(node: Node, name: string, fallback: D): number | D {
  return attributeOf(node, name, "float") ?? fallback;
}

export function stringAttr<D extends string | undefined>(node: Node, name: string, fallback: D): string | D {
  return attributeOf(node, name, "string") ?? fallback;
}

/** What {@link makeAttribute} takes: plain values where the operator's definition or the value itself tells the kind. */
export type AttributeInput =
  | number
  | bigint
  | string
  | boolean
  | readonly number[]
  | readonly bigint[]
  | readonly string[]
  | Tensor
  | Graph
  | SparseTensor
  | Attribute;

/** Which operator an attribute belongs to; its definition tells ints from floats. */
export interface AttributeOwner {
  readonly op: string;
  readonly domain: string;
  /** Version of the operator's domain. */
  readonly opset: number;
}

/**
 * An attribute from a plain value. `{ alpha: 1 }` is a float for LeakyRelu and `{ axis: 1 }` an int for Concat, as the definition of
 * the operator says; for operators we do not know, whole numbers are ints.
 * @throws onnx/bad-rewrite when the operator's definition has the attribute with another kind
 */
export function makeAttribute(owner: AttributeOwner, name: string, value: AttributeInput): Attribute {
  if (typeof value === "object" && "kind" in value && "value" in value) return value;
  const wanted = factsOf(owner)?.attributes.get(name)?.kind;
  const kind = wanted !== undefined && fits(wanted, value) ? wanted : guess(value);
  if (wanted !== undefined && kind !== wanted) {
    throw new ModelkeepError("onnx/bad-rewrite", {
      message: `attribute ${quote(name)} of ${quote(owner.op)} is ${wanted}, got ${kind}`,
      hint: "give the attribute a value of its kind",
    });
  }
  return { kind, value: typeof value === "boolean" ? Number(value) : value } as Attribute;
}

function fits(kind: AttributeKind, value: AttributeInput): boolean {
  if (kind === "float") return typeof value === "number";
  if (kind === "floats") return Array.isArray(value) && value.every((item) => typeof item === "number");
  if (kind === "ints") return Array.isArray(value) && value.every((item) => typeof item === "bigint" || Number.isInteger(item));
  if (kind === "strings") return Array.isArray(value) && value.every((item) => typeof item === "string");
  return kind === guess(value);
}

function guess(value: AttributeInput): AttributeKind {
  if (typeof value === "bigint" || typeof value === "boolean") return "int";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "string") return "string";
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item === "string")) return "strings";
    return value.every((item) => typeof item === "bigint" || Number.isInteger(item)) ? "ints" : "floats";
  }
  if ("nodes" in value) return "graph";
  return "indices" in value ? "sparse" : "tensor";
}
