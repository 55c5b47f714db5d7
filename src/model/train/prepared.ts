/** A model made ready to be trained: what its parts are, and sizes that a batch gives it. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { inferTypes, inlineFunctions, raiseOpset, requiredInputs, specialise } from "../onnx/index.ts";
import type { Dim, Model } from "../onnx/index.ts";
import type { InputBinding } from "./binding.ts";
import type {} from "./errors.ts";
import { fitsAny } from "./patterns.ts";
import { weightsOf } from "./weights.ts";
import type { WeightUse } from "./weights.ts";

/** The oldest operator set that has every form the step's graph is written in. */
export const oldestOpset = 18;

/** A model, its weights by use, and the value that its loss is taken of. */
export interface PreparedModel {
  readonly model: Model;
  /** The declared output, and what the loss is taken of: the output, or what its final activation takes. */
  readonly output: string;
  readonly weights: ReadonlyMap<string, WeightUse>;
  readonly frozen: readonly string[];
}

/**
 * Functions inlined, operators in the forms of set 18, weights found.
 * @throws train/bad-option for an unknown output · train/nothing-to-train
 */
export function prepareModel(original: Model, freeze: readonly string[], wanted?: string): PreparedModel {
  const model = raiseOpset(inlineFunctions(original), oldestOpset);
  const output = chooseOutput(model, wanted);
  const all = weightsOf(model.graph, output);
  const frozen = [...all.keys()].filter((name) => fitsAny(name, freeze));
  const weights = new Map([...all].filter(([name]) => !frozen.includes(name)));
  if (weights.size === 0) {
    throw new ModelkeepError("train/nothing-to-train", {
      message: all.size === 0 ? "the model has no float32 weights before its output" : "every weight of the model is frozen",
      hint: all.size === 0 ? "`modelkeep inspect` lists what the file stores" : "freeze fewer: `--freeze 'backbone.*'`",
      status: 400,
    });
  }
  return { model, output, weights, frozen };
}

/** The output asked for, or the first float32 one. @throws train/bad-option */
export function chooseOutput(model: Model, wanted: string | undefined): string {
  const types = inferTypes(model);
  const isFloat = (name: string): boolean => {
    const type = types.get(name);
    return type?.kind === "tensor" && type.elementType === "float32";
  };
  const names = model.graph.outputs.map(({ name }) => name);
  const found = wanted === undefined ? names.find(isFloat) : names.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new ModelkeepError("train/bad-option", {
    message: wanted === undefined ? "no output of the model is float32" : `the model has no output ${quote(wanted)}`,
    hint: `it has ${names.map((name) => quote(name)).join(", ")}`,
    exit: 4,
    status: 400,
  });
}

/**
 * The model for a batch of this size.
 * @throws train/fixed-batch
 */
export function sized(model: Model, bindings: readonly InputBinding[], batch: number): Model {
  const sizes: Record<string, number> = {};
  for (const { name, type } of requiredInputs(model.graph)) {
    const dims = type?.kind === "tensor" ? (type.dims ?? []) : [];
    const own = [batch, ...(bindings.find((binding) => binding.name === name)?.dims ?? [])];
    for (const [i, dim] of dims.entries()) {
      if (i === 0 && typeof dim === "number" && dim !== batch) throw fixedBatch(name, dim, batch);
      if (typeof dim === "string" && /^[A-Za-z_][\w.]*$/.test(dim)) sizes[dim] = own[i]!;
      if (dim === null) sizes[`${name}.${i}`] = own[i]!;
    }
  }
  return specialise(model, sizes);
}

const fixedBatch = (name: string, has: number, batch: number): ModelkeepError =>
  new ModelkeepError("train/fixed-batch", {
    message: `input ${quote(name)} takes batches of ${has}, not of ${batch}`,
    hint: `train with --batch ${has} on a multiple of ${has} examples, or export the model with a free first dimension`,
    exit: 4,
    status: 400,
  });

/** Dimensions of an output. */
export function scoreDims(model: Model, output: string): readonly Dim[] {
  const type = inferTypes(model).get(output);
  return type?.kind === "tensor" ? (type.dims ?? []) : [];
}
