import { defineAuditCheck, handled, passed } from "../define.ts";

export const fewClasses = defineAuditCheck({
  id: "few-classes",
  title: "losses fit the number of classes",
  why: "the difference-of-logits-ratio loss needs three classes, its targeted form four (Croce and Hein 2020); with fewer it is constant",
  fix: "nothing to do: attacks use the margin instead",
  references: ["doi:10.48550/arXiv.2003.01690"],
  examine: ({ classes }) =>
    classes < 4 ? handled(`${classes} classes: attacks use cross-entropy and margin only`) : passed(`${classes} classes`),
});
