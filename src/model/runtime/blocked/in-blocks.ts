/**
 * Convolutions whose weights are computed or fed, in ONNX Runtime's blocked kernels. Its optimiser brings convolutions into them only where weights are
 * constants that it can rearrange ahead; a training step's are neither, and run as a copy and a product, at half the speed (ONNX Runtime 1.30,
 * `core/optimizer/nchwc_transformer.cc`). Here the graph rearranges them itself, which costs little: weights are small beside what they are applied to.
 */
import { indexOf, inferTypes, intAttr, intsAttr, makeAttribute, removeDeadCode, stringAttr, tensorOf } from "../../onnx/index.ts";
import type { Attribute, AttributeInput, Graph, Model, Node, Tensor } from "../../onnx/index.ts";
import { blockedDomain } from "./operators.ts";

/**
 * The same model for a place whose blocks are so large; see `blockSizeOf`. It is for that place alone: other runtimes do not know these operators.
 * @example place.load(writeModel(inBlocks(step, await blockSizeOf(place))));
 */
export function inBlocks(model: Model, block: number): Model {
  if (block < 2 || !model.graph.nodes.some(({ op }) => op === "Conv")) return model;
  const writer = createWriter(model, block);
  for (const node of model.graph.nodes) {
    const shape = shapeOf(writer, node);
    if (writer.dropped.has(node)) continue;
    if (shape === undefined) writer.nodes.push(node);
    else writeConvolution(writer, node, shape);
  }
  const graph: Graph = { ...model.graph, nodes: writer.nodes, initializers: writer.initializers };
  // A batch that serves as weights was turned for nobody else, perhaps; ONNX Runtime runs what nobody reads.
  return { ...model, graph: removeDeadCode(graph), opsets: new Map([...model.opsets, [blockedDomain, 1]]) };
}

interface Writer {
  readonly graph: Graph;
  readonly block: number;
  readonly nodes: Node[];
  readonly initializers: Map<string, Tensor>;
  /** Nodes that another one has taken in. */
  readonly dropped: Set<Node>;
  dimsOf(value: string): readonly number[] | undefined;
  /** Whether a value is the same in every run. */
  isConstant(value: string): boolean;
  /** Writes a node; the same node once. */
  emit(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, AttributeInput>>, domain?: string): string;
  ints(values: readonly number[]): string;
}

function createWriter(model: Model, block: number): Writer {
  const { graph } = model;
  const types = inferTypes(model);
  const opset = model.opsets.get("") ?? 18;
  const nodes: Node[] = [];
  const initializers = new Map(graph.initializers);
  const made = new Map<string, string>();
  const moving = movingOf(graph);
  let count = 0;
  const fresh = (): string => {
    let name: string;
    do name = `blocked/${count++}`;
    while (indexOf(graph).names.has(name));
    return name;
  };
  const once = (key: string, make: () => string): string => {
    const known = made.get(key) ?? make();
    made.set(key, known);
    return known;
  };
  return {
    graph,
    block,
    nodes,
    initializers,
    dropped: new Set(),
    dimsOf(value) {
      const type = types.get(value);
      const dims = type?.kind === "tensor" && type.elementType === "float32" ? type.dims : undefined;
      return dims?.every((dim) => typeof dim === "number") === true ? dims : undefined;
    },
    isConstant: (value) => !moving.has(value),
    emit: (op, inputs, attributes = {}, domain = "") =>
      once(JSON.stringify([op, inputs, attributes]), () => {
        const owner = { op, domain, opset: domain === "" ? opset : 1 };
        const entries = Object.entries(attributes).map(([name, value]): [string, Attribute] => [
          name,
          makeAttribute(owner, name, value),
        ]);
        const name = fresh();
        nodes.push({ op, domain, name, inputs, outputs: [name], attributes: new Map(entries) });
        return name;
      }),
    ints: (values) =>
      once(JSON.stringify(values), () => {
        const name = fresh();
        initializers.set(name, tensorOf("int64", [values.length], values));
        return name;
      }),
  };
}

/** Values that inputs reach. */
function movingOf(graph: Graph): ReadonlySet<string> {
  const moving = new Set(graph.inputs.map(({ name }) => name).filter((name) => !graph.initializers.has(name)));
  for (const node of graph.nodes)
    if (node.inputs.some((name) => moving.has(name))) for (const name of node.outputs) moving.add(name);
  return moving;
}

/** Sizes of a convolution that is written in blocks: weights as [outputs, inputs, height, width]. */
interface Shape {
  readonly outputs: number;
  readonly inputs: number;
  readonly kernel: readonly number[];
}

/** Undefined for whatever stays as it is: constant weights are ONNX Runtime's own business, and channels must fill their blocks. */
function shapeOf({ dimsOf, isConstant, block }: Writer, node: Node): Shape | undefined {
  if (node.op !== "Conv" || node.domain !== "" || intAttr(node, "group", 1) !== 1) return undefined;
  if (!["NOTSET", "VALID"].includes(stringAttr(node, "auto_pad", "NOTSET"))) return undefined;
  const [x, w] = node.inputs as [string, string];
  if (isConstant(w) || dimsOf(x)?.length !== 4) return undefined;
  const [outputs, inputs, ...kernel] = dimsOf(w) ?? [];
  if (outputs === undefined || inputs === undefined || outputs % block !== 0) return undefined;
  return inputs % block === 0 || inputs < block ? { outputs, inputs, kernel } : undefined;
}

function writeConvolution(writer: Writer, node: Node, shape: Shape): void {
  const { graph, block, nodes, dropped, emit } = writer;
  const [x, , bias = ""] = node.inputs as [string, string, string?];
  // Fewer channels than a block has are read as they lie: the first layer's.
  const seen = shape.inputs < block ? x : emit("ReorderInput", [x], {}, blockedDomain);
  const attributes: Record<string, AttributeInput> = {
    kernel_shape: shape.kernel,
    strides: intsAttr(node, "strides", [1, 1]),
    dilations: intsAttr(node, "dilations", [1, 1]),
    pads: intsAttr(node, "pads", [0, 0, 0, 0]),
    group: 1,
  };
  const index = indexOf(graph);
  const [y] = node.outputs as [string];
  const [reader, ...others] = index.consumers(y);
  const rectified = reader?.op === "Relu" && reader.domain === "" && others.length === 0 && !index.isOutput(y);
  if (rectified) {
    attributes["activation"] = "Relu";
    dropped.add(reader);
  }
  const kernel = weightsInBlocks(writer, node.inputs[1]!, shape);
  const inputs = bias === "" ? [seen, kernel] : [seen, kernel, bias];
  const convolved = emit("Conv", inputs, attributes, blockedDomain);
  nodes.push({
    op: "ReorderOutput",
    domain: blockedDomain,
    name: "",
    inputs: [convolved],
    outputs: [rectified ? reader.outputs[0]! : y],
    attributes: new Map([
      ["channels", makeAttribute({ op: "ReorderOutput", domain: blockedDomain, opset: 1 }, "channels", shape.outputs)],
    ]),
  });
}

/** [outputs, inputs, h, w] as blocks of outputs, of inputs, h, w, inputs within a block, outputs within a block. */
function weightsInBlocks(writer: Writer, w: string, { outputs, inputs, kernel }: Shape): string {
  const { emit, ints, block } = writer;
  const [height, width] = kernel as [number, number];
  const declared = ints([outputs, inputs, height, width]);
  if (inputs < block) {
    const split = emit("Reshape", [w, ints([outputs / block, block, inputs, height, width])]);
    return emit("Reshape", [emit("Transpose", [split], { perm: [0, 2, 3, 4, 1] }), declared]);
  }
  const exchanged = indexOf(writer.graph).producer(w);
  if (exchanged?.op === "Transpose" && String(intsAttr(exchanged, "perm", [])) === "1,0,2,3") {
    // A batch that serves as weights, [inputs, outputs, h, w] before it was turned: as large as activations, so it moves a block at a time.
    const laid = emit("ReorderInput", [exchanged.inputs[0]!], {}, blockedDomain);
    const split = emit("Reshape", [laid, ints([inputs / block, block, outputs / block, height * width, block])]);
    return emit("Reshape", [emit("Transpose", [split], { perm: [2, 0, 3, 1, 4] }), declared]);
  }
  const split = emit("Reshape", [w, ints([outputs / block, block, inputs / block, block, height, width])]);
  return emit("Reshape", [emit("Transpose", [split], { perm: [0, 2, 4, 5, 3, 1] }), declared]);
}
