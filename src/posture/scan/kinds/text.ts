import { defineKind } from "../define.ts";

/** Words, code, settings: nothing that loads a model runs them as they stand. Asked last, after every format that is written as text. */
export const text = defineKind({
  id: "text",
  title: "plain text",
  family: "model",
  order: 900,
  sniff: ({ isText }) => isText,
  open: () => ({ subjects: [], nothing: "plain text, nothing that a model loader acts on" }),
});
