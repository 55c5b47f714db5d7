import { defineAuditCheck, failed, passed } from "../define.ts";
import { spanOf } from "../../trials.ts";

export const epsilonScale = defineAuditCheck({
  id: "epsilon-scale",
  title: "radii are on the scale of the data",
  why: "0.1 of data in 0 … 255 is a change that no attack can use and nobody asked about; 8 of data in 0 … 1 is everything",
  fix: "give radii in the units of the data: 0.1 of 0 … 1 is 25.5 of 0 … 255",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine({ runs, bounds, data }) {
    const span = Math.min(spanOf(bounds), Math.max(data.max - data.min, 1e-12));
    const linf = runs.find(({ norm }) => norm === "linf");
    const bad = linf?.standings.epsilons.filter((epsilon) => epsilon / span < 1 / 500 || epsilon > span * 1.0001) ?? [];
    if (bad.length === 0) return passed(`the data spans ${Number(span.toPrecision(3))}`);
    return bad.map((epsilon) =>
      epsilon > span
        ? failed(`a radius of ${epsilon} is more than the data spans (${Number(span.toPrecision(3))})`, { norm: "linf", epsilon })
        : failed(
            `a radius of ${epsilon} is ${Number(((100 * epsilon) / span).toPrecision(2))} % of what the data spans (${Number(span.toPrecision(3))}); on its scale it would be ${Number((epsilon * span).toPrecision(3))}`,
            { norm: "linf", epsilon },
          ),
    );
  },
});
