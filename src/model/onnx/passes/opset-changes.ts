/** Operators whose definition changed from one version of the standard set to another, and how a node of the old one is written since. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { attributeOf, intAttr, intsAttr, stringAttr } from "../attribute.ts";
import type { GraphBuilder } from "../builder.ts";
import type { Call } from "../builder.ts";
import { nodeLabel } from "../graph.ts";
import type { Attribute, Node, ValueType } from "../graph.ts";
import { tensorOf } from "../values.ts";

/** What an adapter may look at and write to. */
interface Adapting {
  readonly node: Node;
  readonly b: GraphBuilder;
  readonly from: number;
  readonly type: (value: string) => ValueType | undefined;
}

/** Writes the node in its new form. */
type Adapter = (step: Adapting) => void;

/** An operator whose definition changed: at which version, and how a node of the version before is written since. */
export interface Change {
  readonly op: string;
  readonly at: number;
  readonly adapt: Adapter;
}

/** Writes the node again with other inputs and without some attributes. */
function rewrite(
  { node, b }: Adapting,
  change: { op?: string; inputs?: Call["inputs"]; drop?: readonly string[]; set?: Readonly<Record<string, Attribute>> },
): void {
  const attributes = new Map([...node.attributes].filter(([name]) => !change.drop?.includes(name)));
  for (const [name, attribute] of Object.entries(change.set ?? {})) attributes.set(name, attribute);
  const inputs = change.inputs?.map((input) => input ?? "") ?? node.inputs;
  b.add({ ...node, op: change.op ?? node.op, inputs, attributes });
}

/** A list attribute that became an int64 input at a position. */
const listToInput =
  (attribute: string, position: number): Adapter =>
  (step) => {
    const values = intsAttr(step.node, attribute, undefined);
    const inputs: (string | undefined)[] = [...step.node.inputs];
    while (inputs.length < position) inputs.push("");
    if (values !== undefined) inputs[position] = step.b.ints(values);
    rewrite(step, { inputs, drop: [attribute] });
  };

const floatScalar = ({ node, b, type }: Adapting, value: number): string => {
  const known = type(node.inputs[0] ?? "");
  return b.scalar(known?.kind === "tensor" ? known.elementType : "float32", value);
};

const clip: Adapter = (step) => {
  const bound = (name: string): string => {
    const value = attributeOf(step.node, name, "float");
    return value === undefined ? "" : floatScalar(step, value);
  };
  rewrite(step, { inputs: [step.node.inputs[0], bound("min"), bound("max")], drop: ["min", "max"] });
};

const pad: Adapter = (step) => {
  const { node, b } = step;
  const value = attributeOf(node, "value", "float") ?? 0;
  rewrite(step, {
    inputs: [node.inputs[0], b.ints(intsAttr(node, "pads", [])), floatScalar(step, value)],
    drop: ["pads", "value"],
  });
};

const slice: Adapter = (step) => {
  const { node, b } = step;
  const [starts, ends, axes] = [intsAttr(node, "starts", []), intsAttr(node, "ends", []), intsAttr(node, "axes", undefined)];
  const inputs = [node.inputs[0], b.ints(starts), b.ints(ends), ...(axes === undefined ? [] : [b.ints(axes)])];
  rewrite(step, { inputs, drop: ["starts", "ends", "axes"] });
};

const topK: Adapter = (step) =>
  rewrite(step, { inputs: [step.node.inputs[0], step.b.ints([intAttr(step.node, "k", 1)])], drop: ["k"] });

/** Before version 13 these flattened the input to two dimensions at `axis`, 1 by default. */
const softmax: Adapter = (step) => {
  const { node, b, type } = step;
  const [input = ""] = node.inputs;
  const known = type(input);
  const rank = known?.kind === "tensor" ? known.dims?.length : undefined;
  const given = intAttr(node, "axis", 1);
  const axis = given < 0 && rank !== undefined ? given + rank : given;
  const set = { axis: { kind: "int", value: -1 } } as const;
  if (rank !== undefined && axis === rank - 1) return rewrite(step, { set });
  const flat = b.op("Flatten", [input], { axis });
  const [result] = b.call({ op: node.op, inputs: [flat], attributes: { axis: -1 } });
  const shape = b.op("Shape", [input]);
  b.add({ op: "Reshape", domain: "", name: node.name, inputs: [result!, shape], outputs: node.outputs, attributes: new Map() });
};

/** The ratio became an input; the mode in which Dropout does something has to be asked for since. */
const dropout: Adapter = (step) => {
  const { node, b } = step;
  const ratio = attributeOf(node, "ratio", "float") ?? 0.5;
  rewrite(step, { inputs: [node.inputs[0], b.scalar("float32", ratio)], drop: ["ratio", "seed"] });
};

const upsample: Adapter = (step) => {
  const { node, b } = step;
  const scales = attributeOf(node, "scales", "floats");
  const given = scales === undefined ? node.inputs[1] : b.constant(tensorOf("float32", [scales.length], scales));
  rewrite(step, { op: "Resize", inputs: [node.inputs[0], given], drop: ["scales"] });
};

/** Version 10 knew one way to place the samples; version 11 names it, and takes a region nobody gives. */
const resize: Adapter = (step) => {
  const nearest = stringAttr(step.node, "mode", "nearest") === "nearest";
  rewrite(step, {
    inputs: [step.node.inputs[0], "", step.node.inputs[1]],
    set: {
      coordinate_transformation_mode: { kind: "string", value: "asymmetric" },
      ...(nearest ? { nearest_mode: { kind: "string", value: "floor" } as const } : {}),
    },
  });
};

/** Parts of equal size had no count before version 18. */
const split: Adapter = (step) => {
  const count = step.node.outputs.length;
  if (step.node.inputs[1] !== undefined && step.node.inputs[1] !== "") return rewrite(step, {});
  rewrite(step, { set: { num_outputs: { kind: "int", value: count } } });
};

/** One scale and bias for each group became one for each channel. */
const groupNorm: Adapter = (step) => {
  const { node, b, type } = step;
  const known = type(node.inputs[0] ?? "");
  const channels = known?.kind === "tensor" ? known.dims?.[1] : undefined;
  if (typeof channels !== "number") return cannot(step, "the number of channels is not known");
  const groups = intAttr(node, "num_groups", 1);
  const index = b.ints(Array.from({ length: channels }, (_, i) => Math.floor((i * groups) / channels)));
  const spread = (value: string | undefined): string => b.op("Gather", [value, index], { axis: 0 });
  rewrite(step, { inputs: [node.inputs[0], spread(node.inputs[1]), spread(node.inputs[2])] });
};

const gridSample: Adapter = (step) => {
  const names: Readonly<Record<string, string>> = { bilinear: "linear", bicubic: "cubic" };
  const mode = stringAttr(step.node, "mode", "bilinear");
  rewrite(step, { set: { mode: { kind: "string", value: names[mode] ?? mode } } });
};

const dft: Adapter = (step) => {
  const { node, b } = step;
  rewrite(step, { inputs: [node.inputs[0], node.inputs[1], b.scalar("int64", intAttr(node, "axis", 1))], drop: ["axis"] });
};

/** Half a pixel of offset became the default. */
const roiAlign: Adapter = (step) =>
  rewrite(step, { set: { coordinate_transformation_mode: { kind: "string", value: "output_half_pixel" } } });

/** The outputs with statistics are for training only since version 14. */
const batchNorm: Adapter = (step) => {
  if (step.node.outputs.slice(1).some((name) => name !== "")) return cannot(step, "it gives statistics as in training");
  step.b.add({ ...step.node, outputs: step.node.outputs.slice(0, 1) });
};

function cannot({ node, from }: Adapting, why: string): never {
  throw new ModelkeepError("onnx/bad-rewrite", {
    message: `node ${quote(nodeLabel(node))} cannot be raised from version ${from}: ${why}`,
    hint: "export the model with a newer opset_version, or convert it with onnx.version_converter",
  });
}

const reduces = "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare".split(
  " ",
);

export const changes: readonly Change[] = [
  { op: "Slice", at: 10, adapt: slice },
  { op: "TopK", at: 10, adapt: topK },
  { op: "Upsample", at: 10, adapt: upsample },
  { op: "Clip", at: 11, adapt: clip },
  { op: "Pad", at: 11, adapt: pad },
  { op: "Resize", at: 11, adapt: resize },
  { op: "Scatter", at: 11, adapt: (step) => rewrite(step, { op: "ScatterElements" }) },
  { op: "Dropout", at: 12, adapt: dropout },
  { op: "Softmax", at: 13, adapt: softmax },
  { op: "LogSoftmax", at: 13, adapt: softmax },
  { op: "Hardmax", at: 13, adapt: softmax },
  { op: "Squeeze", at: 13, adapt: listToInput("axes", 1) },
  { op: "Unsqueeze", at: 13, adapt: listToInput("axes", 1) },
  { op: "ReduceSum", at: 13, adapt: listToInput("axes", 1) },
  { op: "Split", at: 13, adapt: listToInput("split", 1) },
  { op: "BatchNormalization", at: 14, adapt: batchNorm },
  { op: "RoiAlign", at: 16, adapt: roiAlign },
  ...reduces.map((op) => ({ op, at: 18, adapt: listToInput("axes", 1) })),
  { op: "Split", at: 18, adapt: split },
  { op: "DFT", at: 20, adapt: dft },
  { op: "GridSample", at: 20, adapt: gridSample },
  { op: "GroupNormalization", at: 21, adapt: groupNorm },
];
