/** Normalisation over the batch replaced by normalisation of each example by itself. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { floatAttr, makeAttribute } from "../attribute.ts";
import { nodeLabel } from "../graph.ts";
import type { Model, Node, ValueType } from "../graph.ts";
import { inferTypes } from "../shapes.ts";
import { removeDeadCode } from "./dead-code.ts";
import { inlineFunctions } from "./inline.ts";
import { raiseOpset } from "./raise-opset.ts";

/** Since this operator set, a group normalisation has a scale and a bias for each channel, as a batch normalisation has. */
const withChannelScales = 21;

/** How many groups; default the most that divide the channels, are at most 16, and leave at least 4 channels in each. */
export interface ReplaceOptions {
  readonly groups?: number;
}

/**
 * Every BatchNormalization becomes a GroupNormalization (Wu and He 2018, arXiv:1803.08494) with the same scale and bias; the running
 * statistics go. Examples no longer influence each other, so each has a gradient of its own. The model computes something else than before:
 * train it again, or on.
 * @throws onnx/bad-rewrite when the number of channels is not known, or the groups do not divide it
 * @example
 * const apart = replaceBatchNorm(readModel(bytes), "group-norm");
 */
export function replaceBatchNorm(model: Model, by: "group-norm", options: ReplaceOptions = {}): Model {
  if (by !== "group-norm") {
    throw new ModelkeepError("onnx/bad-rewrite", {
      message: `batch normalisation cannot be replaced by ${quote(by)}`,
      hint: "use `group-norm`",
    });
  }
  const inlined = inlineFunctions(model);
  if (!inlined.graph.nodes.some(isBatchNorm)) return model;
  const raised = raiseOpset(inlined, withChannelScales);
  const types = inferTypes(raised);
  const nodes = raised.graph.nodes.flatMap((node) => (isBatchNorm(node) ? replaced(node, types, options) : [node]));
  // What the file says of inner values stays true: shapes and types are the same.
  return { ...raised, graph: removeDeadCode({ ...raised.graph, nodes }) };
}

const isBatchNorm = ({ op, domain }: Node): boolean => op === "BatchNormalization" && domain === "";

function replaced(node: Node, types: ReadonlyMap<string, ValueType>, options: ReplaceOptions): readonly Node[] {
  const [x, scale, bias, mean, variance] = node.inputs as readonly [string, string, string, string, string];
  const owner = { op: "GroupNormalization", domain: "", opset: withChannelScales };
  const groups = groupsFor(node, channelsOf(node, types), options.groups);
  const attributes = new Map([
    ["num_groups", makeAttribute(owner, "num_groups", groups)],
    ["epsilon", makeAttribute(owner, "epsilon", floatAttr(node, "epsilon", 1e-5))],
  ]);
  const normal: Node = { ...node, op: owner.op, inputs: [x, scale, bias], outputs: [node.outputs[0]!], attributes };
  // In training form the node also gives the statistics, moved on: now they stand still.
  const still = [mean, variance].flatMap((name, i): Node[] => {
    const output = node.outputs[i + 1] ?? "";
    return output === ""
      ? []
      : [{ op: "Identity", domain: "", name: "", inputs: [name], outputs: [output], attributes: new Map() }];
  });
  return [normal, ...still];
}

function channelsOf(node: Node, types: ReadonlyMap<string, ValueType>): number {
  for (const [input, axis] of [
    [1, 0],
    [2, 0],
    [0, 1],
  ] as const) {
    const type = types.get(node.inputs[input]!);
    const dim = type?.kind === "tensor" ? type.dims?.[axis] : undefined;
    if (typeof dim === "number") return dim;
  }
  throw new ModelkeepError("onnx/bad-rewrite", {
    message: `node ${quote(nodeLabel(node))} normalises a number of channels that is not known`,
    hint: "give the model fixed sizes, with `specialise`",
  });
}

function groupsFor(node: Node, channels: number, asked: number | undefined): number {
  if (asked !== undefined) {
    if (Number.isSafeInteger(asked) && asked > 0 && channels % asked === 0) return asked;
    throw new ModelkeepError("onnx/bad-rewrite", {
      message: `node ${quote(nodeLabel(node))} has ${channels} channels, which are not ${asked} groups of one size`,
      hint: "choose a divisor, or leave `groups` out",
    });
  }
  const most = Math.min(16, Math.floor(channels / 4));
  for (let groups = most; groups > 1; groups--) if (channels % groups === 0) return groups;
  return 1;
}
