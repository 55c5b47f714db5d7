/** Digits with their labels, and one assessment of a model on them. */
import { openData } from "../../src/model/data/index.node.ts";
import type { IndexedDataset } from "../../src/model/data/index.node.ts";
import { toNumbers } from "../../src/model/onnx/index.ts";
import type { Tensor } from "../../src/model/onnx/index.ts";
import { openSession } from "../../src/model/runtime/index.node.ts";
import { assess, openSubject, parseThreat } from "../../src/lab/assess/index.ts";
import type { Assessment, AssessOptions } from "../../src/lab/assess/index.ts";
import type { Planted } from "./fake-defences.ts";

export async function labelledDigits(count: number): Promise<{ x: Float32Array; labels: Int32Array }> {
  const data = (await openData("mnist", { part: "test", limit: count })) as IndexedDataset;
  const { tensors } = data.take(Uint32Array.from({ length: count }, (_, row) => row));
  const of = (name: string): number[] => toNumbers(tensors[name] as Tensor);
  return { x: Float32Array.from(of("x")), labels: Int32Array.from(of("y")) };
}

/** Assesses a planted model on digits in its own scale. */
export async function assessPlanted(
  { model, name, scale = 1 }: Planted,
  digits: { x: Float32Array; labels: Int32Array },
  given: { readonly threat: string } & Partial<
    Pick<AssessOptions, "attacks" | "planted" | "signal" | "onSnapshot" | "resume" | "onEvent">
  >,
): Promise<Assessment> {
  const { threat, ...more } = given;
  const subject = await openSubject(openSession, model(), { name });
  try {
    return await assess({
      attacks: "auto",
      ...more,
      subject,
      open: openSession,
      x: digits.x.map((value) => value * scale),
      labels: digits.labels,
      threats: [parseThreat(threat)],
      bounds: { low: 0, high: scale },
      boundsTold: false,
      now: () => performance.now(),
    });
  } finally {
    await subject.target.close();
  }
}
