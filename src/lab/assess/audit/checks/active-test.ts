import { defineAuditCheck, failed, notRun, passed } from "../define.ts";

export const activeTest = defineAuditCheck({
  id: "active-test",
  title: "the attack finds what is known to be there",
  why: "an adversarial region is planted beside examples by exchanging the last layer; an attack that misses it would miss others too (Zimmermann et al. 2022: 11 of 13 published evaluations did)",
  fix: "find what blinds the attack; the other checks say where to look",
  references: ["doi:10.48550/arXiv.2206.13991"],
  examine({ active }) {
    const tried = active.filter(({ planted }) => planted >= 4);
    if (tried.length === 0) return notRun("no last linear layer could be exchanged");
    const bad = tried.filter(({ planted, found }) => found < 0.75 * planted);
    if (bad.length > 0)
      return bad.map(({ norm, epsilon, planted, found }) =>
        failed(`the attack found ${found} of ${planted} planted regions`, { norm, epsilon }),
      );
    return passed(
      tried
        .map(
          ({ norm, planted, found, byChance }) => `${norm}: ${found} of ${planted} planted regions found, ${byChance} by chance`,
        )
        .join("; "),
    );
  },
});
