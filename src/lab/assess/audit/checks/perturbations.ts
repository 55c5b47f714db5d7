import { defineAuditCheck, failed, handled, notRun, passed } from "../define.ts";

export const perturbations = defineAuditCheck({
  id: "perturbations",
  title: "every wrong answer is within its radius and holds when asked again",
  why: "examples outside the radius prove nothing, and a wrong answer found on the way and lost at the end is a success that nobody counted (ART#507, foolbox#145; silent success, Pintor et al. 2022)",
  fix: "report it: this is about the evaluation, not about the model",
  references: ["doi:10.48550/arXiv.2106.09947"],
  examine({ verified }) {
    const checked = verified.reduce((sum, one) => sum + one.checked, 0);
    const bad = verified.filter(({ outside }) => outside > 0);
    if (bad.length > 0)
      return bad.map(({ norm, outside }) => failed(`${outside} points lay outside the radius or the bounds`, { norm }));
    if (checked === 0) return notRun("no wrong answer was found");
    const back = verified.reduce((sum, { unconfirmed }) => sum + unconfirmed, 0);
    return back > 0
      ? handled(`${back} of ${checked} wrong answers did not hold when the model itself was asked again, and were taken back`)
      : passed(`${checked} wrong answers measured and asked again, all hold`);
  },
});
