/** `modelkeep certify`: how far each answer is proven to hold, and what share of them at which radius. */
import { join } from "node:path";
import { clopperPearson } from "../../../base/math/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import { version } from "../../../base/port/index.node.ts";
import { checkRequirement, parseRequirement } from "../../../lab/assess/index.ts";
import type { RequirementResult } from "../../../lab/assess/index.ts";
import { certifiedAccuracy } from "../../../lab/defend/index.node.ts";
import type { CertifiedRow } from "../../../lab/defend/index.node.ts";
import { certificatePage } from "../../report/index.ts";
import { openAssessData } from "../assess/data.ts";
import { readWholeModelAt } from "../model/read-file.ts";
import { newRun } from "../new-run.ts";
import { replayOf } from "../replay.ts";
import { writeWhole } from "../write-whole.ts";
import { byBounds } from "./by-bounds.ts";
import { bySmoothing } from "./by-smoothing.ts";
import { evidenceOf } from "./evidence.ts";
import { noMethod } from "./radii.ts";
import type { CertifyMethod, CertifyRequest, CertifyWays } from "./request.ts";

/** A point of the curve. */
export interface CertifiedPoint {
  readonly norm: string;
  readonly epsilon: number;
  readonly accuracy: number;
}

/** What `--json` prints and `result.json` holds. */
export interface CertifyReport {
  readonly schema: "modelkeep.certificate/1";
  readonly folder: string;
  readonly method: CertifyMethod;
  /** What it was run with. */
  readonly params: Readonly<Record<string, number>>;
  readonly model: { readonly file: string; readonly digest: string };
  readonly data: { readonly name: string; readonly digest: string; readonly size: number };
  /** Examples certified; fewer than the data has when it was ended early. */
  readonly size: number;
  /** Right answers: of the smoothed model, which may abstain; of the model itself for bounds. */
  readonly cleanAccuracy: number;
  readonly abstained: number;
  readonly curve: readonly CertifiedPoint[];
  readonly medianRadius: number;
  readonly rows: readonly (CertifiedRow & { readonly top?: number })[];
  readonly requirements: readonly RequirementResult[];
  readonly stopped?: string;
  readonly seed: number;
  readonly replay: string;
  readonly seconds: number;
}

/** @throws defend/… · assess/bad-threat · assess/bad-requirement, and what reading model and data throw */
export async function certifyModel(request: CertifyRequest, ways: CertifyWays = {}): Promise<CertifyReport> {
  const requirements = (request.requirements ?? []).map(parseRequirement);
  const method = methodOf(request.method);
  const file = await readWholeModelAt(request.model);
  const data = await openAssessData(request);
  const clock = ways.clock ?? systemClock;
  const started = clock.monotonic();
  const given = { request, data, model: file.model, requirements, ways };
  const found = method === "smoothing" ? await bySmoothing(given) : await byBounds(given, method);
  const { rows, cleanAccuracy } = found;
  const norm = method === "smoothing" ? "l2" : "linf";
  const curve = found.radii.map((epsilon) => ({ norm, epsilon, accuracy: certifiedAccuracy(rows, epsilon) }));
  const folder = await newRun(request.out, clock.now());
  const report: CertifyReport = {
    schema: "modelkeep.certificate/1",
    folder,
    method,
    params: found.params,
    model: { file: request.model, digest: file.digest },
    data: { name: data.name, digest: data.digest, size: data.labels.length },
    size: rows.length,
    cleanAccuracy,
    abstained: rows.filter(({ predicted }) => predicted < 0).length,
    curve,
    medianRadius: rows.map(({ radius }) => radius).toSorted((a, b) => a - b)[rows.length >> 1] ?? 0,
    rows,
    requirements: requirements.map((one) => checkRequirement(one, measured(cleanAccuracy, rows.length, curve))),
    ...(rows.length < data.labels.length ? { stopped: "cancelled" } : {}),
    seed: request.seed,
    replay: again(request),
    seconds: (clock.monotonic() - started) / 1000,
  };
  await writeWhole(join(folder, "result.json"), `${JSON.stringify(report, null, 1)}\n`);
  await writeWhole(join(folder, "report.html"), certificatePage({ ...report, version }));
  await ways.evidence?.append(evidenceOf(report));
  return report;
}

/** The command that makes it again. */
function again(request: CertifyRequest): string {
  const { model, data, labels, target, limit, method, sigma, n, n0, alpha, threats: threat, bounds, output, seed } = request;
  const how = method === "smoothing" ? { sigma, n, n0, alpha, seed } : { threat, bounds };
  return replayOf("certify", [model], { data, labels, target, limit, method, ...how, require: request.requirements, output });
}

function methodOf(name: string): CertifyMethod {
  const known = (["smoothing", "interval", "zonotope"] as const).find((method) => method === name);
  if (known === undefined) throw noMethod(name);
  return known;
}

const measured = (cleanAccuracy: number, n: number, certified: readonly CertifiedPoint[]) => ({
  cleanAccuracy,
  cleanInterval: clopperPearson(Math.round(cleanAccuracy * n), Math.max(1, n)),
  threats: [],
  audit: [],
  certified,
});
