/** Where nodes are written: fresh names, constants, types, and no node twice. */
import { makeAttribute, tensorType, toNumbers } from "../onnx/index.ts";
import type { Attribute, AttributeInput, ElementType, GraphBuilder, Node, Tensor } from "../onnx/index.ts";
import type { Dims, Value } from "./value.ts";

/** Attributes of a node to be written; undefined ones are left out. */
export type Attributes = Readonly<Record<string, AttributeInput | undefined>>;

/** A node to be written. */
export interface Emission {
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly { readonly type: ElementType; readonly dims: Dims }[];
  readonly attributes?: Attributes | undefined;
}

/** The place that rules write to. */
export interface Scope {
  /** Nodes in the order in which they were written. */
  readonly nodes: Node[];
  /** Operator set of the standard domain. */
  readonly opset: number;
  /** Channels that a blocked convolution kernel takes at once, if the graph is written for one. */
  readonly blocks: number | undefined;
  readonly builder: GraphBuilder;
  /** Applies an operator; the same operator on the same inputs gives the same values. */
  emit(emission: Emission): readonly Value[];
  constant(tensor: Tensor): Value;
  /** The value of a constant: of one made here, or one that the graph had and nobody asked the gradient of. */
  known(value: Value | undefined): Tensor | undefined;
  /** {@link known} as numbers. */
  numbers(value: Value | undefined): readonly number[] | undefined;
}

/** What a scope is told about the graph around it. */
export interface Surroundings {
  readonly builder: GraphBuilder;
  readonly nodes: Node[];
  readonly blocks?: number | undefined;
  /** The values of the graph's own constants. */
  known(name: string): Tensor | undefined;
  /** Takes note of a new value. */
  note(value: Value): void;
}

/** A scope that writes with the builder's names. */
export function createScope({ builder, nodes, blocks, known, note }: Surroundings): Scope {
  const opset = builder.opsets.get("") ?? 0;
  const made = new Map<string, readonly Value[]>();
  const constants = new Map<string, Tensor>();
  const find = (value: Value | undefined): Tensor | undefined =>
    value === undefined ? undefined : (constants.get(value.name) ?? known(value.name));

  function emit({ op, inputs, outputs, attributes }: Emission): readonly Value[] {
    const attrs = new Map<string, Attribute>();
    for (const [name, value] of Object.entries(attributes ?? {}))
      if (value !== undefined) attrs.set(name, makeAttribute({ op, domain: "", opset }, name, value));
    const names = inputs.map((input) => input?.name ?? "");
    const key = `${op}(${names.join("\n")})${outputs.length}${attributesKey(attrs)}`;
    const before = made.get(key);
    if (before !== undefined) return before;
    const values = outputs.map(({ type, dims }) => ({ name: builder.fresh(`grad/${op}`), type, dims }));
    for (const value of values) {
      note(value);
      builder.annotate({ name: value.name, type: tensorType(value.type, value.dims) });
    }
    const node: Node = {
      op,
      domain: "",
      name: values[0]!.name,
      inputs: names,
      outputs: values.map(({ name }) => name),
      attributes: attrs,
    };
    builder.add(node);
    nodes.push(node);
    made.set(key, values);
    return values;
  }

  return {
    nodes,
    opset,
    blocks,
    builder,
    emit,
    constant(tensor) {
      const name = builder.constant(tensor, "grad/const");
      constants.set(name, tensor);
      const value = { name, type: tensor.type, dims: tensor.dims };
      note(value);
      return value;
    },
    known: find,
    numbers(value) {
      const tensor = find(value);
      return tensor === undefined || tensor.external !== undefined || tensor.type === "string" ? undefined : toNumbers(tensor);
    },
  };
}

const attributesKey = (attributes: ReadonlyMap<string, Attribute>): string =>
  JSON.stringify([...attributes], (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
