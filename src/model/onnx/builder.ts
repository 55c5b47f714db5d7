/** Builds graphs by calling operators; values are their names. Also continues an existing graph, which stays as it is. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { makeAttribute } from "./attribute.ts";
import type { AttributeInput } from "./attribute.ts";
import { newestOpset } from "./facts.ts";
import { tensorType } from "./graph.ts";
import type { Attribute, Dim, Graph, Model, Node, ValueInfo } from "./graph.ts";
import { indexOf } from "./lookup.ts";
import { tensorOf } from "./values.ts";
import type { ElementType, Tensor } from "./tensor.ts";

/** The operator set we write when nothing else is said: ONNX Runtime 1.30 runs it everywhere, PyTorch writes it. */
export const defaultOpset = 18;

/** A call of an operator with everything that can be said about it. */
export interface Call {
  readonly op: string;
  readonly domain?: string;
  /** Name of the node. */
  readonly name?: string;
  /** `undefined` and `""` are optional inputs that are not given. */
  readonly inputs: readonly (string | undefined)[];
  readonly attributes?: Readonly<Record<string, AttributeInput | undefined>>;
  /** How many outputs, or their names (`""` for one nobody wants); default 1. */
  readonly outputs?: number | readonly string[];
}

/** What a builder starts from. */
export interface BuilderOptions {
  readonly name?: string;
  /** Operator sets; {@link defaultOpset} of the standard domain by default. */
  readonly opsets?: ReadonlyMap<string, number>;
  /** A graph to continue. */
  readonly from?: Graph;
  /** Names that are taken; shared and added to, so that a graph and the bodies inside it never give a name twice. */
  readonly names?: Set<string>;
}

/**
 * @example
 * const b = new GraphBuilder({ name: "mlp" });
 * const x = b.input("x", "float32", ["N", 4]);
 * const w = b.initializer("w", tensorOf("float32", [4, 2], weights));
 * b.output(b.op("Softmax", [b.op("MatMul", [x, w])], { axis: -1 }), "float32", ["N", 2]);
 * const bytes = writeModel(b.model());
 */
export class GraphBuilder {
  /** Operator sets of the graph under construction. */
  readonly opsets: ReadonlyMap<string, number>;
  private readonly name: string;
  private readonly base: Graph | undefined;
  private readonly inputs: ValueInfo[];
  private outputs: ValueInfo[];
  private readonly nodes: Node[];
  private readonly initializers: Map<string, Tensor>;
  private readonly valueInfo: Map<string, ValueInfo>;
  private readonly names: Set<string>;
  private readonly counters = new Map<string, number>();
  private readonly constants = new Map<string, string>();

  constructor(options: BuilderOptions = {}) {
    const { from } = options;
    this.base = from;
    this.name = options.name ?? from?.name ?? "graph";
    this.opsets = options.opsets ?? new Map([["", defaultOpset]]);
    this.inputs = [...(from?.inputs ?? [])];
    this.outputs = [...(from?.outputs ?? [])];
    this.nodes = [...(from?.nodes ?? [])];
    this.initializers = new Map(from?.initializers);
    this.valueInfo = new Map(from?.valueInfo);
    this.names = options.names ?? new Set();
    if (from !== undefined) for (const name of indexOf(from).names) this.names.add(name);
  }

  /** A builder that continues a model's graph in its operator sets. */
  static from(model: Model): GraphBuilder {
    return new GraphBuilder({ from: model.graph, opsets: model.opsets });
  }

  /** A name that nothing in the graph has, near to `base`. */
  fresh(base = "v"): string {
    if (!this.names.has(base)) return this.take(base);
    let count = this.counters.get(base) ?? 0;
    while (this.names.has(`${base}_${++count}`));
    this.counters.set(base, count);
    return this.take(`${base}_${count}`);
  }

  /** @throws onnx/bad-rewrite when the name is taken */
  input(name: string, type: ElementType, dims?: readonly Dim[]): string {
    this.inputs.push({ name: this.claim(name), type: tensorType(type, dims) });
    return name;
  }

  /** Declares a value as an output; the type may be left to shape inference. */
  output(value: string, type?: ElementType, dims?: readonly Dim[]): string {
    this.outputs.push(type === undefined ? { name: value } : { name: value, type: tensorType(type, dims) });
    return value;
  }

  /** Forgets all outputs declared so far. */
  clearOutputs(): this {
    this.outputs = [];
    return this;
  }

  /** A stored constant with a name of its own. @throws onnx/bad-rewrite when the name is taken */
  initializer(name: string, tensor: Tensor): string {
    return this.store(this.claim(name), tensor);
  }

  /** A stored constant; small equal ones become one. */
  constant(tensor: Tensor, hint = "const"): string {
    if (tensor.data.length > 256 || tensor.strings !== undefined) return this.store(this.fresh(hint), tensor);
    const key = `${tensor.type}[${tensor.dims.join()}]${tensor.data.join()}`;
    let name = this.constants.get(key);
    if (name === undefined) this.constants.set(key, (name = this.store(this.fresh(hint), tensor)));
    return name;
  }

  /** A constant without dimensions. */
  scalar(type: ElementType, value: number | bigint): string {
    return this.constant(tensorOf(type, [], [value]));
  }

  /** An int64 vector: axes, shapes, starts and ends. */
  ints(values: readonly (number | bigint)[]): string {
    return this.constant(tensorOf("int64", [values.length], values), "ints");
  }

  /** Applies an operator of the standard domain that has one output; gives the output's name. */
  op(op: string, inputs: Call["inputs"], attributes?: Call["attributes"]): string {
    return this.call({ op, inputs, ...(attributes === undefined ? {} : { attributes }) })[0]!;
  }

  /** Applies any operator; gives the names of its outputs. @throws onnx/bad-rewrite */
  call(call: Call): readonly string[] {
    const { op, domain = "", outputs = 1 } = call;
    const names = typeof outputs === "number" ? Array.from({ length: outputs }, () => this.fresh(op.toLowerCase())) : outputs;
    if (typeof outputs !== "number") for (const name of outputs) if (name !== "") this.claim(name);
    this.add({
      op,
      domain,
      name: call.name ?? "",
      inputs: call.inputs.map((input) => input ?? ""),
      outputs: names,
      attributes: this.attributes(op, domain, call.attributes),
    });
    return names;
  }

  /** Appends a finished node as it is; its outputs count as taken names. */
  add(node: Node): this {
    for (const output of node.outputs) this.names.add(output);
    this.nodes.push(node);
    return this;
  }

  /** Notes the type of an inner value. */
  annotate(info: ValueInfo): this {
    this.valueInfo.set(info.name, info);
    return this;
  }

  /** The graph so far; the builder may go on. */
  build(): Graph {
    return {
      ...this.base,
      name: this.name,
      inputs: [...this.inputs],
      outputs: [...this.outputs],
      nodes: [...this.nodes],
      initializers: new Map(this.initializers),
      valueInfo: new Map(this.valueInfo),
    };
  }

  /** The graph as a model file of its own, or as the new graph of `like`. */
  model(like?: Model): Model {
    const graph = this.build();
    if (like !== undefined) return { ...like, opsets: this.opsets, graph };
    return {
      irVersion: irVersionFor(this.opsets),
      opsets: this.opsets,
      graph,
      functions: [],
      metadata: new Map(),
      producer: "modelkeep",
    };
  }

  private attributes(op: string, domain: string, given: Call["attributes"]): ReadonlyMap<string, Attribute> {
    const owner = { op, domain, opset: this.opsets.get(domain) ?? newestOpset };
    const made = new Map<string, Attribute>();
    for (const [name, value] of Object.entries(given ?? {}))
      if (value !== undefined) made.set(name, makeAttribute(owner, name, value));
    return made;
  }

  private claim(name: string): string {
    if (!this.names.has(name)) return this.take(name);
    throw new ModelkeepError("onnx/bad-rewrite", {
      message: `the graph already has a value named ${quote(name)}`,
      hint: "take the name from fresh()",
    });
  }

  private store(name: string, tensor: Tensor): string {
    this.initializers.set(name, tensor);
    return name;
  }

  private take(name: string): string {
    this.names.add(name);
    return name;
  }
}

/** The oldest IR version that allows an operator set, after onnx/docs/Versioning.md: older readers can open the file. */
export function irVersionFor(opsets: ReadonlyMap<string, number>): number {
  const opset = opsets.get("") ?? defaultOpset;
  const firstOpset: readonly (readonly [number, number])[] = [
    [25, 13],
    [24, 12],
    [23, 11],
    [21, 10],
    [19, 9],
    [15, 8],
    [12, 7],
    [11, 6],
    [10, 5],
    [9, 4],
  ];
  return firstOpset.find(([from]) => opset >= from)?.[1] ?? 4;
}
