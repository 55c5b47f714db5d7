/** A defence in front of a model is a rewrite of its graph: whoever runs the file runs the defence, and whoever reads the file sees it. */
import {
  contractOf,
  GraphBuilder,
  indexOf,
  inlineFunctions,
  raiseOpset,
  removeDeadCode,
  renameUses,
} from "../../../model/onnx/index.ts";
import type { Model, TensorSpec } from "../../../model/onnx/index.ts";
import { unsupported } from "../refuse.ts";
import type { Range } from "./range.ts";
import { recorded } from "./record.ts";
import { defences } from "./registry.ts";
import { settle } from "./spec.ts";
import type { Spec } from "./spec.ts";

/** What may be said about the model's inputs. */
export interface DefendOptions {
  /** Sizes of one example where the model leaves them open. */
  readonly rowDims?: readonly number[] | undefined;
  /** Least and greatest value of an input, where a defence is not told. Default 0 and 1. */
  readonly range?: Range | undefined;
}

/** The operators that defences are written in. */
const opset = 18;

/** The model in operators that defences can stand beside. */
export const modern = (model: Model): Model => raiseOpset(inlineFunctions(model), opset);

/**
 * Puts defences in front of a model, the first one nearest to whoever asks. Inputs, outputs and their names stay as they are.
 * @throws registry/unknown · defend/bad-option · defend/unsupported-model
 * @example
 * const defended = defend(readModel(bytes), [parseSpec("squeeze:bits=3"), parseSpec("median:size=3")]);
 */
export function defend(given: Model, specs: readonly Spec[], { rowDims, range }: DefendOptions = {}): Model {
  const chosen = specs.map(({ id, params }) => {
    const defence = defences.get(id);
    return { defence, params: settle(defence, params, range) };
  });
  if (chosen.length === 0) return given;
  const model = modern(given);
  const input = soleInput(model);
  const dims = rowDims === undefined ? input.dims : [input.dims[0] ?? null, ...rowDims];
  const { graph } = model;
  const b = new GraphBuilder({ from: { ...graph, nodes: [] }, opsets: model.opsets, names: new Set(indexOf(graph).names) });
  let x = input.name;
  for (const { defence, params } of chosen) x = defence.apply({ b, x, dims, params });
  const cooked = x;
  for (const node of graph.nodes) b.add(renameUses(node, (name) => (name === input.name ? cooked : name)));
  const made = b.model(model);
  return recorded({ ...made, graph: removeDeadCode(made.graph) }, (before) => ({
    ...before,
    defences: [
      ...chosen.map(({ defence: { id }, params }) => ({ id, params: { ...(params as Record<string, never>) } })),
      ...before.defences,
    ],
  }));
}

/** The one input of float32 numbers. @throws defend/unsupported-model */
export function soleInput(model: Model): TensorSpec {
  const { inputs } = contractOf(model);
  const floats = inputs.filter(({ type }) => type === "float32");
  if (floats.length === 1) return floats[0]!;
  throw unsupported(
    floats.length === 0 ? "the model has no float32 input" : `the model has ${floats.length} float32 inputs`,
    "defences stand in front of one input of numbers; export the model with one",
  );
}
