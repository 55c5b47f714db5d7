import { basename, resolve } from "node:path";
import type { Evidence, Json } from "../../../base/evidence/index.ts";
import { version } from "../../../base/port/index.node.ts";
import type { DefendReport } from "./defend-model.ts";

/** What the audit log keeps of a defence: which file became which, and what it was measured to do. */
export function evidenceOf({ model, out, record, seed, measured, replay }: DefendReport): Evidence {
  const threat = measured === undefined ? "" : `${measured.threat.norm}:${measured.threat.epsilon}`;
  const figures = (
    measured === undefined ? [] : [["before", measured.before] as const, ["after", measured.after] as const]
  ).flatMap(([when, { n, clean, cleanInterval, robust, robustInterval }]) => [
    { name: `clean_accuracy.${when}`, value: clean, n, interval: cleanInterval },
    { name: `robust_accuracy@${threat}.${when}`, value: robust, n, interval: robustInterval },
  ]);
  const { detector } = record;
  return {
    kind: "defence.made",
    outcome: "done",
    subject: { type: "model", id: basename(resolve(out.file)), digest: out.digest },
    figures: [
      ...figures,
      ...(detector === undefined
        ? []
        : [{ name: "false_positive_rate.bound", value: detector.calibration.bound, n: detector.calibration.n }]),
    ],
    seed,
    versions: { modelkeep: version, node: process.version },
    replay,
    detail: {
      from: model.digest,
      record: record as unknown as Json,
      ...(measured === undefined ? {} : { verdict: measured.after.verdict, data: measured.data.digest }),
    },
  };
}
