/** `modelkeep certify`: how far each answer is proven to hold, and what share of them at which radius. */
import { join } from "node:path";
import { wilson } from "../../../base/math/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import { version } from "../../../base/port/index.node.ts";
import { checkRequirement, mergeThreats, parseRequirement, parseThreat } from "../../../lab/assess/index.ts";
import type { Requirement, RequirementResult } from "../../../lab/assess/index.ts";
import { gatherRows, openTarget } from "../../../lab/attack/index.node.ts";
import { certifiedAccuracy, certifyBySmoothing, openBounds } from "../../../lab/defend/index.node.ts";
import type { CertifiedRow } from "../../../lab/defend/index.node.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { certificatePage } from "../../report/index.ts";
import { openAssessData } from "../assess/data.ts";
import type { AssessData } from "../assess/data.ts";
import { boundsFor } from "../assess/request.ts";
import { readModelAt } from "../model/read-file.ts";
import { newRun } from "../new-run.ts";
import { writeWhole } from "../write-whole.ts";
import { badMethod, noMethod, radiiFor } from "./radii.ts";

/** How a certificate is got. */
export type CertifyMethod = "smoothing" | "interval" | "zonotope";

/** What is asked. */
export interface CertifyRequest {
  readonly model: string;
  readonly data: string;
  readonly labels?: string | undefined;
  readonly target?: string | undefined;
  readonly limit?: number | undefined;
  readonly output?: string | undefined;
  readonly method: string;
  /** Deviation of the noise, for smoothing. */
  readonly sigma: number;
  readonly n: number;
  readonly n0: number;
  readonly alpha: number;
  /** Radii for bounds: `linf:0.05,0.1`. */
  readonly threats?: readonly string[] | undefined;
  readonly requirements?: readonly string[] | undefined;
  readonly bounds?: string | undefined;
  readonly seed: number;
  readonly out: string;
}

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
  readonly seconds: number;
}

/** Ways that do not change the result. */
export interface CertifyWays {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly tell?: (done: number, of: number) => void;
}

/** @throws defend/… · assess/bad-threat · assess/bad-requirement, and what reading model and data throw */
export async function certifyModel(request: CertifyRequest, ways: CertifyWays = {}): Promise<CertifyReport> {
  const requirements = (request.requirements ?? []).map(parseRequirement);
  const method = methodOf(request.method);
  const file = await readModelAt(request.model);
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
    seconds: (clock.monotonic() - started) / 1000,
  };
  const text = (name: string, content: string): Promise<void> =>
    writeWhole(join(folder, name), new TextEncoder().encode(content));
  await text("result.json", `${JSON.stringify(report, null, 1)}\n`);
  await text("report.html", certificatePage({ ...report, version }));
  return report;
}

function methodOf(name: string): CertifyMethod {
  const known = (["smoothing", "interval", "zonotope"] as const).find((method) => method === name);
  if (known === undefined) throw noMethod(name);
  return known;
}

const measured = (cleanAccuracy: number, n: number, certified: readonly CertifiedPoint[]) => ({
  cleanAccuracy,
  cleanInterval: wilson(Math.round(cleanAccuracy * n), Math.max(1, n)),
  threats: [],
  audit: [],
  certified,
});

interface Given {
  readonly request: CertifyRequest;
  readonly data: AssessData;
  readonly model: Awaited<ReturnType<typeof readModelAt>>["model"];
  readonly requirements: readonly Requirement[];
  readonly ways: CertifyWays;
}

interface Found {
  readonly rows: readonly (CertifiedRow & { readonly top?: number })[];
  readonly cleanAccuracy: number;
  readonly params: Readonly<Record<string, number>>;
  readonly radii: readonly number[];
}

async function bySmoothing({ request, data, model, requirements, ways }: Given): Promise<Found> {
  const { sigma, n, n0, alpha, seed, output } = request;
  const params = { sigma, n, n0, alpha, seed };
  const target = await openTarget(model, { output, rowDims: data.dims });
  const rows: (CertifiedRow & { readonly top: number })[] = [];
  try {
    for await (const { predicted, radius, top } of certifyBySmoothing(target, data.x, params)) {
      rows.push({ label: data.labels[rows.length]!, predicted, radius, top });
      ways.tell?.(rows.length, data.labels.length);
      if (ways.signal?.aborted === true) break;
    }
  } finally {
    await target.close();
  }
  return { rows, params, cleanAccuracy: certifiedAccuracy(rows, 0), radii: radiiFor("l2", requirements, steps(rows)) };
}

/** From 0 in steps that a person would choose, to the largest radius there is. */
function steps(rows: readonly CertifiedRow[]): readonly number[] {
  const far = Math.max(0, ...rows.map(({ radius }) => radius));
  const step = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5].find((size) => far / size <= 16) ?? far / 16;
  return Array.from({ length: Math.floor(far / step) + 2 }, (_, i) => Number((i * step).toPrecision(6)));
}

/** Rows in one pass of intervals; zonotopes go one by one. */
const batch = 32;

async function byBounds({ request, data, model, requirements, ways }: Given, method: "interval" | "zonotope"): Promise<Found> {
  const threats = mergeThreats((request.threats ?? ["linf:0.01,0.03,0.1"]).map(parseThreat));
  const other = threats.find(({ norm }) => norm !== "linf");
  if (other !== undefined) throw badMethod(method, other.norm);
  const radii = radiiFor("linf", requirements, threats[0]!.epsilons).filter((epsilon) => epsilon > 0);
  const { low, high } = boundsFor(request.bounds, data.x).bounds as { readonly low: number; readonly high: number };
  const bounded = await openBounds(openSession, model, { output: request.output, rowDims: data.dims });
  const target = await openTarget(model, { output: request.output, rowDims: data.dims });
  const rows: CertifiedRow[] = [];
  try {
    const width = bounded.rowSize;
    for (let at = 0; at < data.labels.length && ways.signal?.aborted !== true; at += batch) {
      const labels = data.labels.slice(at, at + batch);
      const x = data.x.slice(at * width, (at + labels.length) * width);
      const answers = await target.decide({ x, count: labels.length });
      const reached = new Float64Array(labels.length);
      for (const [level, epsilon] of radii.entries()) {
        const before = level === 0 ? 0 : radii[level - 1]!;
        // The radius of an example is the largest of those asked for; what fails at one is not asked for at the next.
        const open = [...labels.keys()].filter((i) => answers[i] === labels[i] && reached[i] === before);
        if (open.length === 0) break;
        const leads = await bounded.leads(
          gatherRows(x, open, width),
          Int32Array.from(open, (i) => labels[i]!),
          { method, epsilon, low, high },
        );
        for (const [place, i] of open.entries()) if (leads[place]! > 0) reached[i] = epsilon;
      }
      for (const [i, label] of labels.entries()) rows.push({ label, predicted: answers[i]!, radius: reached[i]! });
      ways.tell?.(rows.length, data.labels.length);
    }
  } finally {
    await Promise.all([bounded.close(), target.close()]);
  }
  return { rows, params: { low, high }, cleanAccuracy: certifiedAccuracy(rows, 0), radii: [0, ...radii] };
}
