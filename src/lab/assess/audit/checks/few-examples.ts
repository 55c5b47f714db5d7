import { defineAuditCheck, failed, passed } from "../define.ts";

export const fewExamples = defineAuditCheck({
  id: "few-examples",
  title: "there are enough examples to tell",
  why: "of twenty examples, half right means anything between a quarter and three quarters of all",
  fix: "raise `--limit`",
  references: [],
  examine: ({ data }) => (data.size < 20 ? failed(`${data.size} examples`) : passed(`${data.size} examples`)),
});
