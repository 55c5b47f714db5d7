import { quote } from "../../../base/error/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { recordOf } from "../front/record.ts";
import type { DetectorRecord } from "../front/record.ts";
import { unsupported } from "../refuse.ts";

/**
 * The detector that a model's file carries, as far as its graph agrees.
 * @throws defend/unsupported-model when the record cannot be read, or names an output that is not there
 */
export function detectorOf(model: Model): DetectorRecord | undefined {
  const detector = recordOf(model)?.detector;
  if (detector === undefined || model.graph.outputs.some(({ name }) => name === detector.output)) return detector;
  throw unsupported(
    `the record names a detector's output ${quote(detector.output)} that the model does not have`,
    "build it again with `modelkeep defend`",
  );
}
