/** A detector is a second output of the model: a number for each example, made by the same file that answers. */
import { GraphBuilder, indexOf, removeDeadCode } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { logitsOf } from "../../attack/index.ts";
import type { LogitModel } from "../../attack/index.ts";
import { modern, soleInput } from "../front/defend.ts";
import type { DefendOptions } from "../front/defend.ts";
import { instantiate, weightsIn } from "../front/instance.ts";
import { recorded, recordOf } from "../front/record.ts";
import { settle } from "../front/spec.ts";
import type { Spec } from "../front/spec.ts";
import { badOption, unsupported } from "../refuse.ts";
import type { Calibrated } from "./calibrate.ts";
import { detectors } from "./registry.ts";

/** A model that watches its input; it refuses nothing before it has a threshold. */
export interface Watched {
  readonly model: Model;
  /** The output with the suspicions. */
  readonly output: string;
  readonly detector: Spec;
}

/**
 * Adds a detector's output, `suspicion`, to a classifier. What it answers stays as it is.
 * @throws registry/unknown · defend/bad-option · defend/unsupported-model · attack/unsupported-model
 * @example
 * const watched = watch(model, parseSpec("squeeze:bits=3"));
 * const guarded = withThreshold(watched, calibrate(suspicions, { rate: 0.05 }));
 */
export function watch(given: Model, spec: Spec, { rowDims, range }: DefendOptions = {}): Watched {
  const detector = detectors.get(spec.id);
  const params = settle(detector, spec.params, range);
  if (recordOf(given)?.detector !== undefined)
    throw badOption("the model has a detector already", "take the file that it was made from");
  const model = modern(given);
  const input = soleInput(model);
  const part = logitsOf(model, { rowDims });
  if (part.notes.some((note) => note.startsWith("a single score")))
    throw unsupported("the model gives a single score", "export it with one score for each of its two classes");
  const b = GraphBuilder.from(model);
  const ask = (x: string): string => {
    const at = instantiate(b, part.model, new Map([...weightsIn(b, model, part.model), [input.name, x]]));
    return b.op("Softmax", [at(part.logits)], { axis: 1 });
  };
  const dims = rowDims === undefined ? input.dims : [input.dims[0] ?? null, ...rowDims];
  const site = { b, x: input.name, dims, params, ask, probabilities: ownProbabilities(b, model, part) ?? ask(input.name) };
  const output = b.fresh("suspicion");
  b.add({ op: "Identity", domain: "", name: "", inputs: [detector.suspicion(site)], outputs: [output], attributes: new Map() });
  b.output(output, "float32", [input.dims[0] ?? null]);
  const made = b.model(model);
  return {
    model: { ...made, graph: removeDeadCode(made.graph) },
    output,
    detector: { id: spec.id, params: params as Spec["params"] },
  };
}

/** The logits are there already, where nothing had to be rewritten to find them. */
function ownProbabilities(b: GraphBuilder, { graph }: Model, { model, logits }: LogitModel): string | undefined {
  const [own, cut] = [indexOf(graph).producer(logits), indexOf(model.graph).producer(logits)];
  return own !== undefined && own === cut ? b.op("Softmax", [logits], { axis: 1 }) : undefined;
}

/** The model with its threshold in the file: from now on whoever serves it refuses what lies above. */
export function withThreshold(
  { model, output, detector: { id, params } }: Watched,
  { threshold, calibration }: Calibrated,
): Model {
  const kept = { id, params: { ...(params as Record<string, never>) }, output, threshold, calibration };
  return recorded(model, (before) => ({ ...before, detector: kept }));
}
