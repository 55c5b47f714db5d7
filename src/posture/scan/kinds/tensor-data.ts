import { defineKind } from "../define.ts";

/** Raw numbers that a `data.pkl` beside them refers to: bytes that no loader interprets. Never sniffed: the archive says where they lie. */
export const tensorData = defineKind({
  id: "tensor-data",
  title: "numbers of a tensor",
  family: "model",
  order: 990,
  sniff: () => false,
  open: () => ({ subjects: [] }),
});
