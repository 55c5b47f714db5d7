/** Certificates of the smoothed model. */
import { openTarget } from "../../../lab/attack/index.node.ts";
import { certifiedAccuracy, certifyBySmoothing } from "../../../lab/defend/index.node.ts";
import type { CertifiedRow } from "../../../lab/defend/index.node.ts";
import type { Found, Given } from "./found.ts";
import { radiiFor } from "./radii.ts";

export async function bySmoothing({ request, data, model, requirements, ways }: Given): Promise<Found> {
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
