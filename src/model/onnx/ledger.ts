/** The sums behind the cost check: follows inference node by node and stops at the first limit that is passed. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { evaluateDim, productOf } from "./dim.ts";
import { tensorsOf } from "./external.ts";
import { flopsOf } from "./flops.ts";
import { nodeLabel, operatorName, subgraphs } from "./graph.ts";
import type { Dim, Graph, Model, Node } from "./graph.ts";
import { asTensor } from "./infer/abstract.ts";
import type { Abstract } from "./infer/abstract.ts";
import { inferModel } from "./infer/engine.ts";
import type { Visit } from "./infer/engine.ts";
import { peakOf } from "./peak.ts";
import { elementBits } from "./tensor.ts";
import type { ElementType } from "./tensor.ts";

/** Limits above which a model is refused. */
export interface CostLimits {
  /** Bytes of one value; default 2 GiB. */
  readonly maxValueBytes: number;
  /** Bytes of values alive at once in one run, weights not counted; default 4 GiB. */
  readonly maxPeakBytes: number;
  /** Bytes that a runtime may compute while loading; default 64 MiB plus four times the stored weights. */
  readonly maxConstantBytes: number;
  /** Operations of one run; default 10^13, minutes on one core. */
  readonly maxFlops: number;
  /** Operations that a runtime may do while loading; default 10^11. */
  readonly maxConstantFlops: number;
  /** Nodes once functions and short loops are written out; default 200,000. */
  readonly maxExpandedNodes: number;
}

/** What {@link costOf} may assume and allow. */
export interface CostOptions {
  readonly limits?: Partial<CostLimits>;
  /** Value of every symbolic dimension that `bind` does not name, usually the batch; default 1. */
  readonly rows?: number;
  /** Values of symbolic dimensions by name. */
  readonly bind?: Readonly<Record<string, number>>;
  /** Operator domains beside the standard one and `ai.onnx.ml`, such as `com.microsoft`. */
  readonly allowDomains?: readonly string[];
  /** Data files that the model may use, by location; their digests are the loader's to verify. */
  readonly externalData?: ReadonlyMap<string, { readonly digest: string }>;
}

/** The estimate, at `rows` rows. Bytes and operations. */
export interface CostReport {
  readonly rows: number;
  /** Nodes that run once, functions and loops written out. */
  readonly nodes: number;
  readonly operators: ReadonlyMap<string, number>;
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Made from constants alone, perhaps already while loading. */
  readonly constantBytes: number;
  /** All values of one run together. */
  readonly activationBytes: number;
  /** The most that is alive at once, weights not counted. */
  readonly peakBytes: number;
  readonly flops: number;
  readonly largest: { readonly node: string; readonly bytes: number } | undefined;
  /** What only running will tell: each node once, with the reason. */
  readonly unbounded: readonly { readonly node: string; readonly reason: string }[];
}

const mebibyte = 2 ** 20;

/** A loop's round costs time even when its body does nothing: half a microsecond for each node. */
const stepFlops = 10_000;

/** A `std::string`, without what it points at. */
const stringBytes = 32;

/** Bits of a list to show at most: hostile graphs could name every node. */
const maxUnboundedListed = 100;

/** Adds up a model; reading it through is the constructor's work. @throws onnx/too-costly */
export class Ledger {
  private readonly limits: CostLimits;
  private readonly rows: number;
  private readonly bind: ReadonlyMap<string, number>;
  private readonly graph: Graph;
  private readonly operators = new Map<string, number>();
  private readonly unbounded = new Map<Node, string>();
  private readonly mainSteps: { node: Node; bytes: readonly number[]; inside: number }[] = [];
  private readonly stored: { count: number; bytes: number };
  private bounds: ReadonlyMap<string, readonly Dim[] | undefined> = new Map();
  private largest: CostReport["largest"];
  private nodes = 0;
  private constantBytes = 0;
  private constantFlops = 0;
  private activationBytes = 0;
  private flops = 0;
  private inside = 0;

  constructor(model: Model, options: CostOptions) {
    this.graph = model.graph;
    this.rows = options.rows ?? 1;
    this.bind = new Map(Object.entries(options.bind ?? {}));
    this.stored = storedIn(model);
    this.limits = {
      maxValueBytes: 2048 * mebibyte,
      maxPeakBytes: 4096 * mebibyte,
      maxConstantBytes: 64 * mebibyte + 4 * this.stored.bytes,
      maxFlops: 1e13,
      maxConstantFlops: 1e11,
      maxExpandedNodes: 200_000,
      ...options.limits,
    };
    this.checkInputs(model);
    this.checkSparse(model.graph);
    inferModel(model, {
      trustDeclared: false,
      maxSteps: this.limits.maxExpandedNodes,
      visit: (visit) => this.visit(visit),
      unbounded: (node, reason) => this.note(node, reason),
      bounds: (bounds) => (this.bounds = bounds),
    });
  }

  report(): CostReport {
    const peakBytes = peakOf(this.graph, this.mainSteps);
    this.atMost("maxPeakBytes", peakBytes, undefined);
    return {
      rows: this.rows,
      nodes: this.nodes,
      operators: this.operators,
      parameters: this.stored.count,
      parameterBytes: this.stored.bytes,
      constantBytes: this.constantBytes,
      activationBytes: this.activationBytes,
      peakBytes,
      flops: this.flops,
      largest: this.largest,
      unbounded: [...this.unbounded].map(([node, reason]) => ({ node: nodeLabel(node), reason })),
    };
  }

  private checkInputs({ graph }: Model): void {
    for (const { name, type } of graph.inputs) {
      if (type?.kind !== "tensor" || type.dims === undefined) continue;
      const bytes = this.bytesOf(
        type.elementType,
        type.dims.map((dim) => dim ?? this.rows),
      );
      if (bytes === null || bytes <= this.limits.maxValueBytes) continue;
      throw tooCostly({ what: `input ${quote(name)}`, limit: "maxValueBytes", used: bytes, most: this.limits.maxValueBytes });
    }
  }

  /** A sparse initializer is spread out when the model is loaded. */
  private checkSparse(graph: Graph): void {
    for (const [name, { dims, values }] of graph.sparseInitializers ?? []) {
      this.constantBytes += this.bytesOf(values.type, dims) ?? 0;
      if (this.constantBytes <= this.limits.maxConstantBytes) continue;
      const what = `sparse initializer ${quote(name)}`;
      throw tooCostly({ what, limit: "maxConstantBytes", used: this.constantBytes, most: this.limits.maxConstantBytes });
    }
    for (const node of graph.nodes) for (const inner of subgraphs(node)) this.checkSparse(inner.graph);
  }

  private visit({ node, inputs, outputs, times, depth }: Visit): void {
    this.nodes++;
    const name = operatorName(node);
    this.operators.set(name, (this.operators.get(name) ?? 0) + 1);
    const sizes = outputs.map((output, i) => (node.outputs[i] === "" ? 0 : this.sizeOf(node, output)));
    const total = sizes.reduce((a, b) => a + b, 0);
    // A constant stands in the file; what is computed from it is new memory.
    if (outputs[0]?.constant === true && (node.op !== "Constant" || node.attributes.has("sparse_value"))) {
      this.constantBytes += total;
      this.atMost("maxConstantBytes", this.constantBytes, node);
    }
    this.activationBytes += total;
    this.work({ node, inputs, outputs, times });
    if (depth > 0) this.inside += total;
    else {
      this.mainSteps.push({ node, bytes: sizes, inside: this.inside });
      this.inside = 0;
    }
  }

  private work({ node, inputs, outputs, times }: Pick<Visit, "node" | "inputs" | "outputs" | "times">): void {
    const once = this.evaluate(flopsOf(node, inputs, outputs)) ?? 0;
    const flops = (once + stepFlops) * times;
    this.flops += flops;
    this.atMost("maxFlops", this.flops, node);
    if (outputs[0]?.constant !== true) return;
    this.constantFlops += once;
    this.atMost("maxConstantFlops", this.constantFlops, node);
  }

  /** Bytes of a value, 0 where only running will tell. */
  private sizeOf(node: Node, value: Abstract): number {
    if (value.items !== undefined) return value.items.reduce((sum, item) => sum + this.sizeOf(node, item), 0);
    const type = asTensor(value);
    const bytes = type?.dims === undefined ? null : this.bytesOf(type.elementType, type.dims);
    if (bytes === null) {
      this.note(node, "its size depends on data");
      return 0;
    }
    if (bytes > (this.largest?.bytes ?? -1)) this.largest = { node: nodeLabel(node), bytes };
    this.atMost("maxValueBytes", bytes, node);
    return bytes;
  }

  private bytesOf(type: ElementType, dims: readonly Dim[]): number | null {
    const count = this.evaluate(productOf(dims));
    if (count === null) return null;
    return type === "string" ? count * stringBytes : Math.ceil(elementBits(type) / 8) * count;
  }

  /** Symbols of the model are bound or take the number of rows; those the inference made take their bound. */
  private evaluate(dim: Dim, depth = 0): number | null {
    return evaluateDim(dim, (symbol) => {
      const bound = this.bind.get(symbol);
      if (bound !== undefined) return bound;
      if (!this.bounds.has(symbol)) return this.rows;
      const most = this.bounds.get(symbol);
      if (most === undefined || depth > 32) return null;
      const values = most.map((one) => this.evaluate(one, depth + 1));
      return values.includes(null) ? null : Math.max(...(values as number[]));
    });
  }

  private note(node: Node, reason: string): void {
    if (!this.unbounded.has(node) && this.unbounded.size < maxUnboundedListed) this.unbounded.set(node, reason);
  }

  private atMost(limit: keyof CostLimits, used: number, node: Node | undefined): void {
    const most = this.limits[limit];
    if (used <= most) return;
    throw tooCostly({ what: node === undefined ? "the model" : `node ${quote(nodeLabel(node))}`, limit, used, most });
  }
}

function tooCostly({
  what,
  limit,
  used,
  most,
}: {
  what: string;
  limit: keyof CostLimits;
  used: number;
  most: number;
}): ModelkeepError {
  const unit = limit.endsWith("Bytes") ? "bytes" : limit.endsWith("Flops") ? "operations" : "nodes";
  return new ModelkeepError("onnx/too-costly", {
    message: `${what} would bring the model to ${short(used)} ${unit}, the limit is ${short(most)}`,
    hint: `if the model is yours and meant to be this large, raise ${limit}`,
    status: 400,
  });
}

const short = (value: number): string => (value < 1e6 ? String(value) : value.toExponential(2));

/** Numbers and bytes that the file stores; a sparse tensor counts as what it becomes. */
function storedIn(model: Model): { count: number; bytes: number } {
  let count = 0;
  let bytes = 0;
  for (const { tensor } of tensorsOf(model)) {
    const elements = tensor.dims.reduce((a, b) => a * b, 1);
    count += elements;
    bytes += tensor.strings === undefined ? Math.ceil((elements * elementBits(tensor.type)) / 8) : elements * stringBytes;
  }
  return { count, bytes };
}
