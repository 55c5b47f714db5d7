/** A classifier with a detector as one classifier that has one class more: the refusal. What is attacked is then what is served. */
import { GraphBuilder, indexOf, removeDeadCode } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { logitsOf } from "../../attack/index.ts";
import type { LogitOptions } from "../../attack/index.ts";
import type { DetectorRecord } from "../front/record.ts";
import { unsupported } from "../refuse.ts";
import { detectorOf } from "./detector-of.ts";

/** The model whose last class means that it refuses. */
export interface Joint {
  readonly model: Model;
  readonly detector: DetectorRecord;
}

/** Logits for one unit of suspicion. Only where an example is both right and flagged does it decide which of the two an attack works on first. */
const steepness = 10;

/**
 * The last logit is max z + c (suspicion − threshold): it leads exactly where the detector flags (Carlini and Wagner 2017, arXiv:1705.07263, section 3,
 * with a difference in place of their product, which needs positive logits).
 * @returns undefined for a model without a detector
 * @throws defend/unsupported-model when the file's record does not fit its graph
 */
export function jointClassifier(given: Model, options: LogitOptions = {}): Joint | undefined {
  const detector = detectorOf(given);
  if (detector === undefined) return undefined;
  const { model, logits, classes } = logitsOf(given, options);
  const [own, cut] = [indexOf(given.graph).producer(logits), indexOf(model.graph).producer(logits)];
  if (own === undefined || own.op !== cut?.op)
    throw unsupported(
      "its scores are made by operators that a detector does not stand beside",
      "build it again with `modelkeep defend`",
    );
  const b = GraphBuilder.from(given);
  const over = b.op("Sub", [detector.output, b.scalar("float32", detector.threshold)]);
  const lead = b.op("Unsqueeze", [b.op("Mul", [over, b.scalar("float32", steepness)]), b.ints([1])]);
  const refusal = b.op("Add", [b.op("ReduceMax", [logits, b.ints([1])], { keepdims: 1 }), lead]);
  const joint = b.op("Concat", [logits, refusal], { axis: 1 });
  b.clearOutputs().output(joint, "float32", [null, classes + 1]);
  const made = b.model(given);
  return { model: { ...made, graph: removeDeadCode(made.graph) }, detector };
}
