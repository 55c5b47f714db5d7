import { toFloat, toNumbers } from "../onnx/index.ts";
import type { Tensor } from "../onnx/index.ts";
import type { Seen } from "./metrics/define.ts";

/** A batch as meters see it. */
export function seenOf(scores: Tensor, losses: Float32Array, labels: Tensor): Seen {
  const rows = scores.dims[0] ?? 1;
  const values = toFloat(scores);
  return { scores: values, width: rows === 0 ? 0 : values.length / rows, labels: toNumbers(labels), losses };
}
