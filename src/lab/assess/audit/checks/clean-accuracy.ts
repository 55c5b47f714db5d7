import { defineAuditCheck, failed, passed, percent } from "../define.ts";

export const cleanAccuracy = defineAuditCheck({
  id: "clean-accuracy",
  title: "there is something to break",
  why: "a model that is wrong to begin with cannot be fooled; it is most often fed data in another range, or labels in another order",
  fix: "check labels, the range of the data (0 … 1 or 0 … 255) and its layout",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine: ({ cleanAccuracy: clean, classes }) =>
    clean <= 1.5 / classes || clean === 0
      ? failed(`${percent(clean)} right before any attack; chance is ${percent(1 / classes)}`)
      : passed(`${percent(clean)} right before any attack`),
});
