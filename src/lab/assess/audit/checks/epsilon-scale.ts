import { defineAuditCheck, failed, passed } from "../define.ts";
import type { Outcome } from "../define.ts";
import { spanOf } from "../../trials.ts";
import type { Norm } from "../../../attack/index.ts";

/**
 * The length, in each norm, of a change that takes every value over the whole range, and the share of it below which a radius is no threat. Radii
 * in use lie far above: 2/255 in each value; 0.5 in l2 for an image of 3,072 numbers; 5 in l1 for one of 784.
 */
const scales: Readonly<Record<Norm, { readonly whole: (span: number, size: number) => number; readonly least: number }>> = {
  linf: { whole: (span) => span, least: 1 / 500 },
  l2: { whole: (span, size) => span * Math.sqrt(size), least: 1 / 5000 },
  l1: { whole: (span, size) => span * size, least: 1 / 10_000 },
  // Values that may change at all: one is a threat.
  l0: { whole: (_, size) => size, least: 0 },
};

export const epsilonScale = defineAuditCheck({
  id: "epsilon-scale",
  title: "radii are on the scale of the data",
  why: "0.1 of data in 0 … 255 is a change that no attack can use and nobody asked about; 8 of data in 0 … 1 is everything",
  fix: "give radii in the units of the data: 0.1 of 0 … 1 is 25.5 of 0 … 255",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine({ runs, bounds, data, target }) {
    const span = Math.min(spanOf(bounds), Math.max(data.max - data.min, 1e-12));
    const spans = `the data spans ${Number(span.toPrecision(3))}`;
    const bad = runs.flatMap(({ norm, standings }) => {
      const { whole, least } = scales[norm];
      const all = whole(span, target.rowSize);
      return standings.epsilons.flatMap((epsilon): Outcome[] => {
        if (epsilon > all * 1.0001) return [failed(`a radius of ${epsilon} is more than there is: ${spans}`, { norm, epsilon })];
        if (epsilon / all >= least) return [];
        const meant = Number((epsilon * span).toPrecision(3));
        return [
          failed(
            `a radius of ${epsilon} is ${Number(((100 * epsilon) / all).toPrecision(2))} % of all there is (${spans}); on its scale it would be ${meant}`,
            {
              norm,
              epsilon,
            },
          ),
        ];
      });
    });
    return bad.length === 0 ? passed(spans) : bad;
  },
});
