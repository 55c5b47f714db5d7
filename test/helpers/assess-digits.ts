/** Digits with their labels, and one assessment of a model on them. */
import { openData } from "../../src/model/data/index.node.ts";
import type { IndexedDataset } from "../../src/model/data/index.node.ts";
import { toNumbers } from "../../src/model/onnx/index.ts";
import type { Model, Tensor } from "../../src/model/onnx/index.ts";
import type { AttackTarget } from "../../src/lab/attack/index.ts";
import { openSession } from "../../src/model/runtime/index.node.ts";
import { assess, openSubject, parseThreat } from "../../src/lab/assess/index.ts";
import type { Assessment, AssessOptions } from "../../src/lab/assess/index.ts";
import type { Planted } from "./fake-defences.ts";
import type { Labelled } from "./planted/honest.ts";

export async function labelledDigits(count: number): Promise<Labelled> {
  const data = (await openData("mnist", { part: "test", limit: count })) as IndexedDataset;
  const { tensors } = data.take(Uint32Array.from({ length: count }, (_, row) => row));
  const of = (name: string): number[] => toNumbers(tensors[name] as Tensor);
  return { x: Float32Array.from(of("x")), labels: Int32Array.from(of("y")) };
}

type Given = { readonly threat: string } & Partial<
  Pick<AssessOptions, "attacks" | "planted" | "signal" | "onSnapshot" | "resume" | "onEvent">
>;

/** Assesses a planted model on digits in its own scale. */
export const assessPlanted = (
  { model, name, scale = 1 }: Pick<Planted, "model" | "name" | "scale">,
  digits: Labelled,
  given: Given,
): Promise<Assessment> =>
  assessModel({ model: model(), name }, { x: digits.x.map((value) => value * scale), labels: digits.labels, high: scale }, given);

/** Assesses any model on data of 0 … `high`; `spoil` stands between it and who attacks it. */
export async function assessModel(
  { model, name, spoil = (target) => target }: { model: Model; name: string; spoil?: (target: AttackTarget) => AttackTarget },
  { x, labels, high = 1 }: Labelled & { readonly high?: number },
  { threat, ...more }: Given,
): Promise<Assessment> {
  const subject = await openSubject(openSession, model, { name, examples: x });
  try {
    return await assess({
      attacks: "auto",
      ...more,
      subject: { ...subject, target: spoil(subject.target) },
      open: openSession,
      x,
      labels,
      threats: [parseThreat(threat)],
      bounds: { low: 0, high },
      boundsTold: false,
      now: () => performance.now(),
    });
  } finally {
    await subject.target.close();
  }
}
