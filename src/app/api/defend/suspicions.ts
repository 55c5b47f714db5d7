/** A detector's numbers for harmless examples, as the file itself gives them. */
import type { Watched } from "../../../lab/defend/index.node.ts";
import { tensorOf, toFloat, writeModel } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import type { AssessData } from "../assess/data.ts";

/** Rows in one run. */
const rows = 64;

/** @throws what opening and running a session throw */
export async function suspicionsOf(
  { model, output }: Watched,
  { x, dims, labels }: Pick<AssessData, "x" | "dims" | "labels">,
): Promise<Float32Array> {
  const session = await openSession(writeModel(model), { threads: 1 });
  const input = session.inputs.find(({ type }) => type === "float32")!;
  const width = x.length / labels.length;
  const found = new Float32Array(labels.length);
  // A model with a batch of its own is filled up with the last examples.
  const step = typeof input.dims[0] === "number" ? input.dims[0] : rows;
  try {
    for (let at = 0; at < labels.length; at += step) {
      const from = Math.max(0, Math.min(at, labels.length - step));
      const count = Math.min(step, labels.length - from);
      const feed = tensorOf("float32", [count, ...dims], x.subarray(from * width, (from + count) * width));
      const answer = await session.run({ [input.name]: feed }, { outputs: [output] });
      found.set(toFloat(answer[output]!), from);
    }
    return found;
  } finally {
    await session.close();
  }
}
