/** What a defence costs and what it gives: the model before and after, attacked by the same attacks, and by those that know the defence. */
import type { Interval } from "../../../base/math/index.ts";
import { assess, openSubject } from "../../../lab/assess/index.ts";
import type { AssessEvent, AuditNote, ThreatLine, Verdict } from "../../../lab/assess/index.ts";
import type { Bounds } from "../../../lab/attack/index.node.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";

/** Shares of the examples looked at. */
export interface Measured {
  readonly n: number;
  /** Right, and not refused. */
  readonly clean: number;
  readonly cleanInterval: Interval;
  /** Right and never wrong without being refused, over all attacks, adaptive ones included. */
  readonly robust: number;
  readonly robustInterval: Interval;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly attacks: readonly { readonly key: string; readonly view: string; readonly robust: number }[];
  /** What was done about a defence; undefined where there was none to do anything about. */
  readonly adaptive?: readonly string[];
  readonly audit: readonly AuditNote[];
}

export interface MeasureOptions {
  readonly x: Float32Array;
  readonly labels: Int32Array;
  readonly threat: ThreatLine;
  readonly bounds: Bounds;
  readonly output?: string | undefined;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: AssessEvent) => void) | undefined;
}

/** @throws what `assess` throws */
export async function measure(name: string, model: Model, options: MeasureOptions): Promise<Measured> {
  const { x, labels, threat, bounds, output, seed, signal, onEvent } = options;
  const subject = await openSubject(openSession, model, { name, output, examples: x });
  try {
    const assessment = await assess({
      subject,
      open: openSession,
      x,
      labels,
      threats: [threat],
      bounds,
      boundsTold: true,
      attacks: "auto",
      planted: 6,
      seed,
      output,
      now: () => performance.now(),
      ...(signal === undefined ? {} : { signal }),
      ...(onEvent === undefined ? {} : { onEvent }),
    });
    const { robustAccuracy, interval, verdict, reasons } = assessment.threats[0]!;
    return {
      n: labels.length,
      clean: assessment.cleanAccuracy,
      cleanInterval: assessment.cleanInterval,
      robust: robustAccuracy,
      robustInterval: interval,
      verdict,
      reasons,
      attacks: assessment.runs[0]!.records.map(({ key, view, after }) => ({ key, view, robust: after[0]! })),
      ...(assessment.adaptive === undefined ? {} : { adaptive: assessment.adaptive }),
      audit: assessment.audit,
    };
  } finally {
    await subject.target.close();
  }
}
