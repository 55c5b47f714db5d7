import { basename, resolve } from "node:path";
import type { Evidence, Json } from "../../../base/evidence/index.ts";
import { version } from "../../../base/port/index.node.ts";
import type { HardenReport } from "./harden-model.ts";

/** What the audit log keeps of a hardening: what was learnt from what, against what, and what a short attack saw before and after. */
export function evidenceOf(
  report: HardenReport,
  { model, digest, seed }: { readonly model: string; readonly digest: string | undefined; readonly seed: number },
): Evidence {
  const { check, hardening, data, stopped, replay } = report;
  const { norm, epsilon } = hardening.threat;
  const sides =
    check === undefined
      ? []
      : ([
          ["before", check.before],
          ["after", check.after],
        ] as const);
  return {
    kind: "hardening.made",
    outcome: stopped === "aborted" || stopped === "diverged" ? "failed" : "done",
    subject: { type: "model", id: basename(resolve(report.out ?? model)), ...(digest === undefined ? {} : { digest }) },
    figures: sides.flatMap(([when, { n, clean, cleanInterval, robust, robustInterval }]) => [
      { name: `clean_accuracy.${when}`, value: clean, n, interval: cleanInterval },
      { name: `robust_accuracy@${norm}:${epsilon}.${when}.upper`, value: robust, n, interval: robustInterval },
    ]),
    seed,
    versions: { modelkeep: version, node: process.version },
    replay,
    detail: {
      hardening: hardening as unknown as Json,
      data: data.digest,
      requirements: report.requirements.map(({ requirement, met }): Json => ({ requirement, met })),
    },
  };
}
