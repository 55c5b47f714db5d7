import { defineAuditCheck, failed, passed, percent } from "../define.ts";

export const cleanAccuracy = defineAuditCheck({
  id: "clean-accuracy",
  title: "there is something to break",
  why: "a model that is wrong to begin with cannot be fooled; it is most often fed data in another range, or labels in another order",
  fix: "check labels, the range of the data (0 … 1 or 0 … 255) and its layout",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine: ({ cleanAccuracy: clean, chance }) =>
    clean <= 1.5 * chance
      ? failed(`${percent(clean)} right before any attack; chance is ${percent(chance)}`)
      : passed(`${percent(clean)} right before any attack`),
});
