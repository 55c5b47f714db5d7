/** Certificates from bounds of the model itself. */
import { mergeThreats, parseThreat } from "../../../lab/assess/index.ts";
import { gatherRows, openTarget } from "../../../lab/attack/index.node.ts";
import { certifiedAccuracy, openBounds } from "../../../lab/defend/index.node.ts";
import type { CertifiedRow } from "../../../lab/defend/index.node.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { boundsFor } from "../assess/request.ts";
import type { Found, Given } from "./found.ts";
import { badMethod, radiiFor } from "./radii.ts";

/** Rows in one pass of intervals; zonotopes go one by one. */
const batch = 32;

export async function byBounds(
  { request, data, model, requirements, ways }: Given,
  method: "interval" | "zonotope",
): Promise<Found> {
  const threats = mergeThreats((request.threats ?? ["linf:0.01,0.03,0.1"]).map(parseThreat));
  const other = threats.find(({ norm }) => norm !== "linf");
  if (other !== undefined) throw badMethod(method, other.norm);
  const radii = radiiFor("linf", requirements, threats[0]!.epsilons).filter((epsilon) => epsilon > 0);
  const { low, high } = boundsFor(request.bounds, { ...data, table: false }).bounds as {
    readonly low: number;
    readonly high: number;
  };
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
