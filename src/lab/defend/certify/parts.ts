/**
 * A model taken apart for bounds: each node that moves with the input, as something that can be asked of a batch of values. What the numbers of a
 * node do, ONNX Runtime says; bounds need only know whether the node is affine in what moves, or rises with it.
 */
import { quote } from "../../../base/error/index.ts";
import {
  floatAttr,
  GraphBuilder,
  inferTypes,
  intAttr,
  intsAttr,
  makeTensor,
  nodeLabel,
  renameUses,
  usedBy,
  writeModel,
} from "../../../model/onnx/index.ts";
import type { Model, Node, Tensor } from "../../../model/onnx/index.ts";
import type { Session } from "../../../model/runtime/index.ts";
import type { OpenSession } from "../../attack/index.ts";
import { unsupported } from "../refuse.ts";

/** `affine` in all that moves; `monotone`: rises with its one input; `relu`: monotone, and known exactly; `max`: rises with each of several numbers. */
export type PartKind = "affine" | "relu" | "monotone" | "max";

/** A node that moves. */
export interface Part {
  readonly label: string;
  readonly kind: PartKind;
  /** Names of the values that move, and of the one it gives. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** Its value at a batch; with `abs`, each factor is taken by its size: how a radius passes. */
  ask(values: readonly Values[], abs?: boolean): Promise<Values>;
}

/** Rows of numbers. */
export interface Values {
  readonly count: number;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

const affine = new Set(
  (
    "Conv Gemm MatMul Add Sub Mul Div Sum Neg BatchNormalization AveragePool GlobalAveragePool ReduceMean ReduceSum Flatten " +
    "Reshape Transpose Identity Squeeze Unsqueeze Concat"
  ).split(" "),
);
const monotone = new Set(["Sigmoid", "Tanh", "LeakyRelu", "Elu", "Softplus", "Clip", "HardSigmoid"]);

/** Operators with a rule, for `--help` and refusals. */
export const boundedOperators: readonly string[] = [...affine, ...monotone, "Relu", "MaxPool", "GlobalMaxPool"].toSorted();

/** Operators whose other operands are factors: affine only in the first. */
const products = new Set(["Conv", "Gemm", "MatMul", "Div", "BatchNormalization"]);

/** How a node passes bounds on, when `moving` of its inputs move. Undefined when there is no rule. */
function kindOf(node: Node, moving: readonly string[]): PartKind | undefined {
  if (node.domain !== "" && node.domain !== "ai.onnx") return undefined;
  const isFirst = moving.length === 1 && moving[0] === node.inputs[0];
  const isOnly = isFirst && node.inputs.lastIndexOf(moving[0]!) === 0;
  if (node.op === "Relu") return "relu";
  if (node.op === "MaxPool" || node.op === "GlobalMaxPool") return node.outputs.length === 1 ? "max" : undefined;
  // A negative slope would turn around what rises.
  if (monotone.has(node.op)) return isOnly && floatAttr(node, "alpha", 1) >= 0 ? "monotone" : undefined;
  if (!affine.has(node.op)) return undefined;
  if (products.has(node.op) && !isOnly) return undefined;
  // A product of two things that move is not affine.
  if (node.op === "Mul" && (moving.length > 1 || node.inputs[0] === node.inputs[1])) return undefined;
  if (intAttr(node, "training_mode", 0) !== 0 || intAttr(node, "transA", 0) !== 0) return undefined;
  // Examples must stay apart.
  if (node.op === "Transpose" && intsAttr(node, "perm", [-1])[0] !== 0) return undefined;
  return "affine";
}

/**
 * Takes a model apart, from one input to one output.
 * @throws defend/unsupported-model naming the node that has no rule
 */
export async function partsOf(
  open: OpenSession,
  model: Model,
  { input, output }: { readonly input: string; readonly output: string },
): Promise<{ readonly parts: readonly Part[]; close(): Promise<void> }> {
  const moves = new Set([input]);
  const parts: Part[] = [];
  const sessions: Promise<Session>[] = [];
  const types = inferTypes(model);
  for (const node of before(model, output)) {
    const moving = [...new Set([...usedBy(node)].filter((name) => moves.has(name)))];
    if (moving.length === 0) continue;
    const kind = kindOf(node, moving);
    if (kind === undefined || node.outputs.slice(1).some((name) => name !== "")) {
      throw unsupported(
        `there are no bounds for node ${quote(nodeLabel(node))} (${node.op})`,
        `bounds pass ${boundedOperators.join(", ")}; \`--method smoothing\` takes any model`,
      );
    }
    moves.add(node.outputs[0]!);
    const asked = new Map<boolean, Promise<Session>>();
    parts.push({
      label: nodeLabel(node),
      kind,
      inputs: moving,
      output: node.outputs[0]!,
      async ask(values, abs = false) {
        let session = asked.get(abs);
        if (session === undefined) {
          session = open(writeModel(alone({ model, node, moving, abs, types })), {});
          asked.set(abs, session);
          sessions.push(session);
        }
        const feeds = Object.fromEntries(moving.map((name, i) => [name, tensorFor(values[i]!)]));
        const out = (await (await session).run(feeds))[node.outputs[0]!]!;
        if (out.dims[0] !== values[0]!.count) throw mixes(node);
        return { count: out.dims[0], dims: out.dims.slice(1), data: floats(out) };
      },
    });
  }
  return { parts, close: async () => void (await Promise.all(sessions.map(async (session) => (await session).close()))) };
}

const mixes = (node: Node) =>
  unsupported(
    `node ${quote(nodeLabel(node))} (${node.op}) does not keep examples apart`,
    "export the model with a free batch dimension",
  );

const tensorFor = ({ count, dims, data }: Values): Tensor =>
  makeTensor("float32", [count, ...dims], new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

const floats = (tensor: Tensor): Float32Array => new Float32Array(tensor.data.slice().buffer);

interface Alone {
  readonly model: Model;
  readonly node: Node;
  readonly moving: readonly string[];
  readonly abs: boolean;
  readonly types: ReturnType<typeof inferTypes>;
}

/** One node as a model; what does not move is computed inside it. */
function alone({ model, node, moving, abs, types }: Alone): Model {
  const b = new GraphBuilder({ name: "part", opsets: model.opsets });
  const isMoving = new Set(moving);
  const rank = (name: string): number => {
    const type = types.get(name);
    return type?.kind === "tensor" ? (type.dims?.length ?? 0) : 0;
  };
  for (const name of moving)
    b.input(
      name,
      "float32",
      Array.from({ length: rank(name) }, () => null),
    );
  const still = [...usedBy(node)].filter((name) => !isMoving.has(name));
  const nodes = [...new Set(still.flatMap((name) => before(model, name)))];
  const used = new Set([...nodes, node].flatMap((each) => [...usedBy(each)]));
  for (const [name, tensor] of model.graph.initializers) if (used.has(name)) b.initializer(name, tensor);
  for (const each of nodes) b.add(each);
  b.add(abs ? bySize(b, node, { still, types, model }) : node).output(node.outputs[0]!, "float32");
  return b.model();
}

/** The node with its factors by their size: what it does to a radius, but for what it adds. */
function bySize(
  b: GraphBuilder,
  node: Node,
  { still, types, model }: Pick<Alone, "types" | "model"> & { readonly still: readonly string[] },
): Node {
  const isFloat = (name: string): boolean => {
    const type = types.get(name);
    return (model.graph.initializers.get(name)?.type ?? (type?.kind === "tensor" ? type.elementType : "")) === "float32";
  };
  // Mean and variance of a batch norm are no factors.
  const factors = node.op === "BatchNormalization" ? still.filter((name) => node.inputs.indexOf(name) < 3) : still;
  const sizes = new Map(factors.filter(isFloat).map((name) => [name, b.op("Abs", [name])]));
  const sized = renameUses(node, (name) => sizes.get(name) ?? name);
  // The radius of a difference is the sum of radii.
  return node.op === "Sub" ? { ...sized, op: "Add" } : sized;
}

/** Nodes that a value is computed from, in order. */
function before({ graph }: Model, output: string): readonly Node[] {
  const wanted = new Set([output]);
  const found: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    found.push(node);
    for (const name of usedBy(node)) wanted.add(name);
  }
  return found.toReversed();
}
