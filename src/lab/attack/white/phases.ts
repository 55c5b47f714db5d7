/**
 * Gradients of convolutions with strides as plain convolutions. A transposed convolution of stride s writes each of its s × s phases from other taps
 * of its kernel: s × s small convolutions, whose outcomes are put side by side (Shi et al. 2016, arXiv:1609.07009, section 3). ONNX Runtime runs
 * those in its blocked kernels, and a transposed convolution as a product and a sum column by column, which takes three times as long.
 */
import { GraphBuilder, indexOf, inferTypes, intAttr, intsAttr, tensorOf, toFloat } from "../../../model/onnx/index.ts";
import type { Model, Node, Tensor, ValueType } from "../../../model/onnx/index.ts";
import { hereAndThere } from "./wrapping.ts";

/** Fewer channels than a block has are not worth it. */
const fewestChannels = 8;

/** The same model without the transposed convolutions that are slower than their phases: over pictures of known size, with constant weights. */
export function inPhases(model: Model): Model {
  const { graph, opsets } = model;
  if (!graph.nodes.some(({ op }) => op === "ConvTranspose")) return model;
  const types = inferTypes(model);
  const b = new GraphBuilder({ from: { ...graph, nodes: [] }, opsets, names: new Set(indexOf(graph).names) });
  for (const node of graph.nodes) {
    const transposed = transposedOf(node, types, graph.initializers);
    if (transposed === undefined) b.add(node);
    else b.add(hereAndThere(written(b, node.inputs[0]!, transposed), node.outputs[0]!, node.name));
  }
  return b.model(model);
}

/** One side of a picture: for each phase the taps that it reads, in the order of a plain convolution, and the border that it needs. */
interface Side {
  readonly phases: readonly { readonly taps: readonly number[]; readonly begin: number; readonly end: number }[];
  readonly length: number;
  readonly cut: boolean;
}

interface Transposed {
  readonly weights: Float32Array;
  /** Channels in, channels out, and the kernel. */
  readonly dims: readonly [number, number, number, number];
  readonly sides: readonly [Side, Side];
  readonly out: readonly [number, number];
}

/** What is known of a node, if it can be written in phases. */
function transposedOf(
  node: Node,
  types: ReadonlyMap<string, ValueType>,
  initializers: ReadonlyMap<string, Tensor>,
): Transposed | undefined {
  if (node.op !== "ConvTranspose" || node.domain !== "" || node.inputs.length !== 2 || intAttr(node, "group", 1) !== 1)
    return undefined;
  const weights = initializers.get(node.inputs[1]!);
  const [given, made] = [pictureOf(types.get(node.inputs[0]!)), pictureOf(types.get(node.outputs[0]!))];
  const strides = intsAttr(node, "strides", []);
  const pads = intsAttr(node, "pads", [0, 0, 0, 0]);
  if (weights?.type !== "float32" || weights.dims.length !== 4 || given === undefined || made === undefined) return undefined;
  if (strides.length !== 2 || intsAttr(node, "dilations", []).some((step) => step !== 1)) return undefined;
  const dims = weights.dims as readonly [number, number, number, number];
  if (dims[0] < fewestChannels || dims[1] < fewestChannels) return undefined;
  const sides = ([0, 1] as const).map((axis) =>
    sideOf({ from: given[axis], to: made[axis], kernel: dims[axis + 2]!, stride: strides[axis]!, begin: pads[axis]! }),
  );
  const [rows, columns] = sides;
  if (rows === undefined || columns === undefined || rows.phases.length * columns.phases.length === 1) return undefined;
  return { weights: toFloat(weights), dims, sides: [rows, columns], out: made };
}

function pictureOf(type: ValueType | undefined): readonly [number, number] | undefined {
  if (type?.kind !== "tensor" || type.dims?.length !== 4) return undefined;
  const [height, width] = type.dims.slice(2);
  return typeof height === "number" && typeof width === "number" ? [height, width] : undefined;
}

/** y[s q + a] = Σⱼ w[s j + r] x[q + c − j] with a + begin = s c + r. Undefined where a phase would have to leave out a part of x. */
function sideOf({
  from,
  to,
  kernel,
  stride,
  begin,
}: Readonly<Record<"from" | "to" | "kernel" | "stride" | "begin", number>>): Side | undefined {
  const length = Math.ceil(to / stride);
  const phases = Array.from({ length: stride }, (_, phase) => {
    const [c, r] = [Math.floor((phase + begin) / stride), (phase + begin) % stride];
    const count = Math.ceil((kernel - r) / stride);
    const taps = Array.from({ length: count }, (__, t) => stride * (count - 1 - t) + r);
    return { taps, begin: count - 1 - c, end: length + c - from };
  });
  const possible = phases.every((phase) => phase.taps.length > 0 && phase.begin >= 0 && phase.end >= 0);
  return possible ? { phases, length, cut: length * stride > to } : undefined;
}

/** The phases, and their outcomes put where they belong. */
function written(b: GraphBuilder, x: string, { weights, dims, sides, out }: Transposed): string {
  const [channelsIn, channelsOut, height, width] = dims;
  const [rows, columns] = sides;
  const parts = rows.phases.flatMap((row) =>
    columns.phases.map((column) => {
      const kernel = new Float32Array(channelsOut * channelsIn * row.taps.length * column.taps.length);
      let at = 0;
      for (let o = 0; o < channelsOut; o++) {
        for (let i = 0; i < channelsIn; i++) {
          for (const k of row.taps)
            for (const l of column.taps) kernel[at++] = weights[((i * channelsOut + o) * height + k) * width + l]!;
        }
      }
      const shape = [row.taps.length, column.taps.length];
      const filter = b.constant(tensorOf("float32", [channelsOut, channelsIn, ...shape], kernel));
      return b.op("Conv", [x, filter], { kernel_shape: shape, pads: [row.begin, column.begin, row.end, column.end] });
    }),
  );
  const [tall, wide] = [rows.phases.length, columns.phases.length];
  const whole = sideBySide(b, parts, { channels: channelsOut, tall, wide, size: [rows.length, columns.length] });
  return rows.cut || columns.cut ? b.op("Slice", [whole, b.ints([0, 0]), b.ints(out), b.ints([2, 3])]) : whole;
}

interface Parts {
  readonly channels: number;
  readonly tall: number;
  readonly wide: number;
  readonly size: readonly [number, number];
}

/** Pictures that lie behind each other, one for each phase, become one whose neighbouring points are of neighbouring phases. */
function sideBySide(b: GraphBuilder, parts: readonly string[], { channels, tall, wide, size }: Parts): string {
  const behind = b.op("Concat", parts, { axis: 1 });
  if (tall === wide) return b.op("DepthToSpace", [behind], { blocksize: tall });
  const [height, width] = size;
  const apart = b.op("Reshape", [behind, b.ints([-1, tall, wide, channels, height, width])]);
  const turned = b.op("Transpose", [apart], { perm: [0, 3, 4, 1, 5, 2] });
  return b.op("Reshape", [turned, b.ints([-1, channels, height * tall, width * wide])]);
}
