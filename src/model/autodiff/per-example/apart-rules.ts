/** Operators on tensors whose examples share an axis with heads or positions: the same operator on the same elements, with the axes apart. */
import { floatAttr, intAttr, intsAttr } from "../../onnx/index.ts";
import type { Dim, GraphBuilder, Node } from "../../onnx/index.ts";
import { axisOf, range } from "../value.ts";
import { axesBefore, factorsOf, refine, sameGroups, targetOf } from "./factors.ts";
import type { Groups } from "./factors.ts";

/** A value with its axes apart. */
export interface Apart {
  readonly value: string;
  /** What the axes of the file's value join. */
  readonly groups: Groups;
}

/** What a rule sees of a node, at least one of whose inputs is apart. */
export interface ApartSite {
  readonly b: GraphBuilder;
  readonly node: Node;
  /** Inputs that are apart. */
  readonly inputs: readonly (Apart | undefined)[];
  dimsOf(name: string): readonly Dim[] | undefined;
}

/** The node's first output with its axes apart, or undefined where the rule does not take it. */
export type ApartRule = (site: ApartSite) => Apart | undefined;

/** Elements in the same order: Reshape and its like. `groups` of the input may be those of a value that joins nothing. */
export function viewed(b: GraphBuilder, from: Apart, to: readonly Dim[] | undefined): Apart | undefined {
  const wanted = factorsOf(to);
  const groups = wanted && refine(from.groups.flat(), wanted);
  return groups && { value: b.op("Reshape", [from.value, b.ints(targetOf(groups))]), groups };
}

const view: ApartRule = ({ b, node, inputs, dimsOf }) =>
  inputs[0] === undefined ? undefined : viewed(b, inputs[0], dimsOf(node.outputs[0]!));

const transpose: ApartRule = ({ b, node, inputs: [x] }) => {
  if (x === undefined) return undefined;
  const perm = intsAttr(node, "perm", range(x.groups.length).toReversed());
  const apart = perm.flatMap((axis) => x.groups[axis]!.map((_, i) => axesBefore(x.groups, axis) + i));
  return { value: b.op("Transpose", [x.value], { perm: apart }), groups: perm.map((axis) => x.groups[axis]!) };
};

/** The same operator over an axis that joins nothing; what is more has no axes at all. */
const alongAxis: ApartRule = ({ b, node, inputs: [x, ...others] }) => {
  if (x === undefined || others.some((other) => other !== undefined)) return undefined;
  const axis = axisOf(intAttr(node, "axis", -1), x.groups.length);
  if (x.groups.slice(axis).some((group) => group.length > 1)) return undefined;
  const value = b.fresh(node.op.toLowerCase());
  const attributes = new Map(node.attributes).set("axis", { kind: "int", value: BigInt(axesBefore(x.groups, axis)) } as never);
  b.add({ ...node, inputs: [x.value, ...node.inputs.slice(1)], outputs: [value], attributes });
  return { value, groups: x.groups };
};

/** Element by element: all that is apart is so in the same way, and the rest is 1 along what is joined. */
const elementwise: ApartRule = ({ b, node, inputs, dimsOf }) => {
  const [first, ...more] = inputs.filter((input) => input !== undefined);
  const rank = dimsOf(node.outputs[0]!)?.length;
  if (first === undefined || first.groups.length !== rank) return undefined;
  if (!more.every(({ groups }) => sameGroups(groups, first.groups))) return undefined;
  const taken: string[] = [];
  for (const [i, name] of node.inputs.entries()) {
    const fitted = inputs[i]?.value ?? (name === "" ? "" : stretched(b, name, { dims: dimsOf(name), groups: first.groups }));
    if (fitted === undefined) return undefined;
    taken.push(fitted);
  }
  const value = b.fresh(node.op.toLowerCase());
  b.add({ ...node, inputs: taken, outputs: [value] });
  return { value, groups: first.groups };
};

/** A value that is the same for all examples, with an axis of 1 for each that is apart. */
function stretched(
  b: GraphBuilder,
  name: string,
  { dims, groups }: { readonly dims: readonly Dim[] | undefined; readonly groups: Groups },
): string | undefined {
  if (dims === undefined) return undefined;
  const before = groups.length - dims.length;
  const joined = range(groups.length).filter((axis) => axis >= before && groups[axis]!.length > 1);
  if (joined.some((axis) => dims[axis - before] !== 1)) return undefined;
  if (joined.length === 0) return name;
  const start = axesBefore(groups, before);
  const axes = joined.flatMap((axis) => range(groups[axis]!.length - 1).map((i) => axesBefore(groups, axis) + i - start));
  return b.op("Unsqueeze", [name, b.ints(axes)]);
}

/** The axes looped over are apart in both; or the right is one matrix for all, and rows of the left are apart. */
const matMul: ApartRule = ({ b, node, inputs: [left, right], dimsOf }) => {
  if (left === undefined || left.groups.length < 2 || left.groups.at(-1)!.length > 1) return undefined;
  const product = (with_: string): string => b.op("MatMul", [left.value, with_]);
  if (right === undefined) {
    const dims = dimsOf(node.inputs[1]!);
    const width = factorsOf(dims?.slice(1));
    if (dims?.length !== 2 || width === undefined) return undefined;
    return { value: product(node.inputs[1]!), groups: [...left.groups.slice(0, -1), width] };
  }
  const isMatrix = right.groups.slice(-2).every((group) => group.length === 1) && left.groups.at(-2)!.length === 1;
  if (!isMatrix || !sameGroups(left.groups.slice(0, -2), right.groups.slice(0, -2))) return undefined;
  return { value: product(right.value), groups: [...left.groups.slice(0, -1), right.groups.at(-1)!] };
};

/** As a product of matrices, and a sum: Gemm itself takes two axes only. */
const gemm: ApartRule = ({ b, node, inputs: [a, right, c], dimsOf }) => {
  const width = factorsOf(dimsOf(node.outputs[0]!)?.slice(1));
  const addend = node.inputs[2] ?? "";
  const isVector = addend === "" || (dimsOf(addend)?.length ?? 2) < 2;
  if (a === undefined || right !== undefined || c !== undefined || width === undefined || !isVector) return undefined;
  if (intAttr(node, "transA", 0) !== 0 || a.groups[1]!.length > 1) return undefined;
  const turned = intAttr(node, "transB", 0) !== 0;
  const matrix = turned ? b.op("Transpose", [node.inputs[1]!], { perm: [1, 0] }) : node.inputs[1]!;
  const scaled = (value: string, by: number): string => (by === 1 ? value : b.op("Mul", [value, b.scalar("float32", by)]));
  const product = scaled(b.op("MatMul", [a.value, matrix]), floatAttr(node, "alpha", 1));
  const value = addend === "" ? product : b.op("Add", [product, scaled(addend, floatAttr(node, "beta", 1))]);
  return { value, groups: [a.groups[0]!, width] };
};

const each = (names: string, rule: ApartRule): [string, ApartRule][] => names.split(/\s+/).map((name) => [name, rule]);

/** Rules by operator of the standard domain. */
export const apartRules: ReadonlyMap<string, ApartRule> = new Map([
  ...each("Reshape Flatten Squeeze Unsqueeze", view),
  ...each("Softmax LogSoftmax LayerNormalization RMSNormalization", alongAxis),
  ...each(
    `Abs Add And Cast Ceil Celu Clip Div Dropout Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsNaN
    LeakyRelu Less LessOrEqual Log Max Min Mish Mul Neg Not Or Pow Reciprocal Relu Sigmoid Sign Softplus Sqrt Sub Swish Tanh Where`,
    elementwise,
  ),
  ["Transpose", transpose],
  ["MatMul", matMul],
  ["Gemm", gemm],
]);
