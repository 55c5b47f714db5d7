/** Walks a graph in order and learns what it can of each value, by the rules of `rules/`. Knows no operator. */
import { isModelkeepError, ModelkeepError, quote } from "../../../base/error/index.ts";
import { canonicalDim } from "../dim.ts";
import { newestMlOpset, newestOpset } from "../facts.ts";
import { nodeLabel, subgraphs, tensorType } from "../graph.ts";
import type { Dim, Graph, Model, Node, ValueInfo, ValueType } from "../graph.ts";
import { asTensor } from "./abstract.ts";
import type { Abstract, Out } from "./abstract.ts";
import { bodyOf, FunctionTable } from "./functions.ts";
import { known } from "./known.ts";
import { checkedDims, impliedType, misfit } from "./outputs.ts";
import { NodeView } from "./node-view.ts";
import type { RuleHost } from "./node-view.ts";
import { ruleFor } from "./rules/all.ts";

/** Called for each node that would run, as often as bodies are written out. */
export interface Visit {
  readonly node: Node;
  readonly inputs: readonly (Abstract | undefined)[];
  readonly outputs: readonly Abstract[];
  /** How often the node runs, the loops around it multiplied; bounded loops by their bound, others as once. */
  readonly times: number;
  /** 0 in the main graph, more inside bodies and functions. */
  readonly depth: number;
}

/** What inference is told and asked. */
export interface InferenceOptions {
  /** Shapes and types to assume of inputs instead of the declared ones. */
  readonly inputs?: ReadonlyMap<string, Abstract>;
  /** Believe the file's own notes on inner values where the rules say nothing; default true. A cost check must not. */
  readonly trustDeclared?: boolean;
  readonly visit?: (visit: Visit) => void;
  readonly unbounded?: (node: Node, reason: string) => void;
  /** Told once, before the walk: the map that will hold {@link Inferred.bounds}, for those who look while walking. */
  readonly bounds?: (bounds: Inferred["bounds"]) => void;
  /** Nodes at most once functions are written out, and rule applications; default 200,000. */
  readonly maxSteps?: number;
}

/** What was learnt. */
export interface Inferred {
  /** Of the main graph's values. */
  readonly values: ReadonlyMap<string, Abstract>;
  /** Largest values of symbols that stand for sizes only running will tell; undefined for those without bound. */
  readonly bounds: ReadonlyMap<string, readonly Dim[] | undefined>;
}

type Scope = Map<string, Abstract>;

const defaultMaxSteps = 200_000;

/** Their results may differ from run to run, so nothing is computed ahead. */
const random = new Set([
  "RandomNormal",
  "RandomUniform",
  "RandomNormalLike",
  "RandomUniformLike",
  "Multinomial",
  "Bernoulli",
  "Dropout",
]);

/** Runs inference over a model. @throws onnx/bad-shape · onnx/bad-graph · onnx/too-costly */
export function inferModel(model: Model, options: InferenceOptions = {}): Inferred {
  const engine = new Engine(model, options);
  return { values: engine.main(), bounds: engine.bounds };
}

class Engine implements RuleHost {
  readonly bounds = new Map<string, readonly Dim[] | undefined>();
  private readonly model: Model;
  private readonly options: InferenceOptions;
  private readonly functions: FunctionTable;
  private readonly symbols = new Set<string>();
  private readonly trust: boolean;
  private scopes: Scope[] = [];
  private opsets: ReadonlyMap<string, number>;
  private times = 1;
  private depth = 0;
  private quiet = 0;
  private steps = 0;
  private readonly maxSteps: number;

  constructor(model: Model, options: InferenceOptions) {
    this.model = model;
    this.options = options;
    this.functions = new FunctionTable(model);
    this.opsets = model.opsets;
    this.trust = options.trustDeclared ?? true;
    options.bounds?.(this.bounds);
    const max = options.maxSteps ?? defaultMaxSteps;
    // Bodies are looked through a few times and short loops round by round; nests of loops multiply that, so it is bounded by size.
    this.maxSteps = Math.min(max, 10_000 + 80 * this.functions.expandedNodes(model, max));
    for (const info of [...model.graph.inputs, ...model.graph.outputs, ...model.graph.valueInfo.values()]) this.noteSymbols(info);
  }

  main(): Scope {
    const { graph } = this.model;
    const scope: Scope = new Map();
    for (const info of graph.inputs) scope.set(info.name, this.options.inputs?.get(info.name) ?? this.input(info));
    this.scopes = [scope];
    this.run(graph);
    return scope;
  }

  /** A declared input; unknown dimensions get symbols, so that it shows where they go. */
  private input({ name, type }: ValueInfo): Abstract {
    if (type?.kind !== "tensor") return { type, constant: false };
    const dims = type.dims?.map((dim, i) => canonicalDim(dim) ?? this.symbol(`${name}.${i}`));
    return { type: tensorType(type.elementType, dims), constant: false };
  }

  private run(graph: Graph): void {
    const scope = this.scopes.at(-1)!;
    for (const [name, tensor] of graph.initializers) scope.set(name, known(tensor));
    for (const [name, { values, dims }] of graph.sparseInitializers ?? []) {
      scope.set(name, { type: tensorType(values.type, dims), constant: true });
    }
    for (const node of graph.nodes) this.step(node, graph);
  }

  private step(node: Node, graph: Graph | undefined): void {
    if (++this.steps > this.maxSteps) {
      throw new ModelkeepError("onnx/too-costly", {
        message: `node ${quote(nodeLabel(node))}: the graph takes too many steps to look through`,
        hint: "its loops or functions multiply; if it is yours and meant to be this large, raise maxSteps",
        status: 400,
      });
    }
    const inputs = node.inputs.map((name) => (name === "" ? undefined : this.lookup(name)));
    const outs = this.named(node, () => this.apply(node, inputs));
    const constant = inputs.every((input) => input?.constant ?? true) && !random.has(node.op) && subgraphs(node).length === 0;
    const outputs = node.outputs.map((name, i) => {
      const value = this.named(node, () => this.complete(node, { inputs, index: i, out: outs[i], constant }));
      const told = this.trust && name !== "" ? this.believe(value, graph, name) : value;
      if (name !== "") this.scopes.at(-1)!.set(name, told);
      return told;
    });
    if (this.quiet === 0) this.options.visit?.({ node, inputs, outputs, times: this.times, depth: this.depth });
  }

  private apply(node: Node, inputs: readonly (Abstract | undefined)[]): readonly (Out | undefined)[] {
    const fn = this.functions.of(node);
    if (fn !== undefined) return this.call(node, inputs);
    const rule = ruleFor(node);
    if (rule === undefined) {
      this.unbounded(node, "we have no shape rule for this operator");
      return [];
    }
    return rule(new NodeView(node, this.opsetOf(node.domain), inputs, this));
  }

  private call(node: Node, inputs: readonly (Abstract | undefined)[]): readonly Out[] {
    const fn = this.functions.of(node)!;
    const scope: Scope = new Map();
    for (const [i, name] of fn.inputs.entries()) {
      const value = inputs[i];
      if (value !== undefined) scope.set(name, value);
    }
    const outer = { scopes: this.scopes, opsets: this.opsets, depth: this.depth };
    this.scopes = [scope];
    this.opsets = fn.opsets;
    this.depth++;
    try {
      for (const inner of bodyOf(fn, node)) this.step(inner, undefined);
      return fn.outputs.map((name) => scope.get(name) ?? { constant: false });
    } finally {
      Object.assign(this, outer);
    }
  }

  body(graph: Graph, inputs: readonly Abstract[], times: number | undefined): readonly Abstract[] {
    const outer = { times: this.times, scopes: this.scopes, depth: this.depth };
    const scope: Scope = new Map();
    for (const [i, info] of graph.inputs.entries()) scope.set(info.name, this.refine(inputs[i], info));
    this.times = outer.times * (times ?? 1);
    this.scopes = [...outer.scopes, scope];
    this.depth++;
    try {
      this.run(graph);
      return graph.outputs.map(({ name }): Abstract => {
        const { type, elements, items } = this.lookup(name);
        return { type, elements, items, constant: false };
      });
    } finally {
      // A branch that contradicts itself is left in the middle.
      Object.assign(this, outer);
    }
  }

  peek(graph: Graph, inputs: readonly Abstract[]): readonly Abstract[] {
    this.quiet++;
    try {
      return this.body(graph, inputs, 1);
    } finally {
      this.quiet--;
    }
  }

  /** A body's input as it is given; what is not known of it, as it is declared. */
  private refine(given: Abstract | undefined, info: ValueInfo): Abstract {
    if (given?.type === undefined || (this.trust && asTensor(given)?.dims === undefined))
      return { ...this.declared(info), constant: false };
    return given;
  }

  private declared({ type }: ValueInfo): Abstract {
    if (type?.kind !== "tensor") return { type, constant: false };
    return { type: tensorType(type.elementType, this.trust ? type.dims?.map(canonicalDim) : undefined), constant: false };
  }

  private lookup(name: string): Abstract {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]!.get(name);
      if (found !== undefined) return found;
    }
    return { constant: false };
  }

  /** Adds the element type that the operator's definition implies. */
  private complete(
    node: Node,
    {
      inputs,
      index,
      out,
      constant,
    }: { inputs: readonly (Abstract | undefined)[]; index: number; out: Out | undefined; constant: boolean },
  ): Abstract {
    if (out?.type !== undefined) return { type: out.type, elements: out.elements, items: out.items, constant };
    const elementType = out?.elementType ?? impliedType({ ...node, opset: this.opsetOf(node.domain) }, inputs, index);
    if (elementType === undefined) return { constant };
    return { type: tensorType(elementType, checkedDims(out?.dims)), elements: out?.elements, constant };
  }

  /** What the file itself says of a value, where the rules say nothing. */
  private believe(value: Abstract, graph: Graph | undefined, name: string): Abstract {
    const info = graph?.valueInfo.get(name) ?? graph?.outputs.find((output) => output.name === name);
    const type = info?.type;
    if (type === undefined) return value;
    if (value.type === undefined) return { ...value, type: canonicalType(type) };
    if (type.kind !== "tensor" || value.type.kind !== "tensor" || type.dims === undefined) return value;
    const { dims } = value.type;
    if (dims === undefined) return { ...value, type: tensorType(value.type.elementType, type.dims.map(canonicalDim)) };
    const isOpen = (dim: Dim): boolean => dim === null || (typeof dim === "string" && this.bounds.has(dim));
    if (dims.length !== type.dims.length || !dims.some(isOpen)) return value;
    return {
      ...value,
      type: tensorType(
        value.type.elementType,
        dims.map((dim, i) => (isOpen(dim) ? (canonicalDim(type.dims![i]!) ?? dim) : dim)),
      ),
    };
  }

  fresh(node: Node, max?: readonly Dim[]): string {
    const bounded = max !== undefined && !max.includes(null);
    const symbol = this.symbol("unk__0");
    this.bounds.set(symbol, bounded ? max : undefined);
    if (!bounded) this.unbounded(node, "its size depends on data");
    return symbol;
  }

  unbounded(node: Node, reason: string): void {
    if (this.quiet === 0) this.options.unbounded?.(node, reason);
  }

  /** A symbol that nothing else uses. */
  private symbol(base: string): string {
    const stem = base === "unk__0" ? "unk__" : `${base.replaceAll(/[\s*+()/{}]/g, "_").replace(/^(?![A-Za-z_])/, "_")}`;
    let name = stem === "unk__" ? `unk__${this.bounds.size}` : stem;
    for (let i = this.bounds.size; this.symbols.has(name); i++) name = `${stem}${stem === "unk__" ? "" : "_"}${i}`;
    this.symbols.add(name);
    return name;
  }

  private noteSymbols({ type }: ValueInfo): void {
    if (type?.kind !== "tensor") return;
    for (const dim of type.dims ?? []) if (typeof dim === "string") this.symbols.add(dim);
  }

  private opsetOf(domain: string): number {
    return this.opsets.get(domain) ?? (domain === "ai.onnx.ml" ? newestMlOpset : newestOpset);
  }

  /** Errors from arithmetic do not know the node; here it is added. */
  private named<T>(node: Node, run: () => T): T {
    try {
      return run();
    } catch (cause) {
      if (!isModelkeepError(cause)) throw misfit(node, cause);
      if (cause.message.startsWith("node ") || cause.message.startsWith("function ")) throw cause;
      const { code, hint, status } = cause;
      throw new ModelkeepError(code, { message: `node ${quote(nodeLabel(node))}: ${cause.message}`, hint, status, cause });
    }
  }
}

function canonicalType(type: ValueType): ValueType {
  return type.kind === "tensor" ? tensorType(type.elementType, type.dims?.map(canonicalDim)) : type;
}
