import { defineAuditCheck, failed, passed, percent } from "../define.ts";

export const randomAnswers = defineAuditCheck({
  id: "random-answers",
  title: "equal questions get equal answers",
  why: "a random model hides its gradient in noise: an attack that asks once follows the noise (auto-attack's own check; Athalye et al. 2018)",
  fix: "nothing to do: attacks average over draws (EOT); do not count on randomness as a defence",
  references: ["doi:10.48550/arXiv.1802.00420", "https://github.com/fra31/auto-attack"],
  remedy: ({ probe }) => (probe.unsteady > 1e-4 ? { draws: 12 } : {}),
  examine: ({ probe }) =>
    probe.unsteady > 1e-4
      ? failed(
          `five equal questions got answers that differ by ${percent(probe.unsteady)} of their spread; attacked again over 12 draws`,
        )
      : passed("five equal questions got equal answers"),
});
