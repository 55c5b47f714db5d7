import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import { malformed } from "../refuse.ts";

/** Model files of the boosting libraries hold numbers and names; what is checked is that they are whole. */
export const lightgbm = defineKind({
  id: "lightgbm",
  title: "LightGBM model",
  family: "model",
  order: 60,
  sniff: ({ text }) => /^tree\r?\nversion=v\d/.test(text),
  open(source) {
    const tail = new TextDecoder("latin1").decode(source.read(Math.max(0, source.sizeBytes - (1 << 20)), 1 << 20));
    if (!tail.includes("end of trees")) throw malformed("it ends before its last tree");
    return { subjects: [] };
  },
});

export const xgboostBinary = defineKind({
  id: "xgboost",
  title: "XGBoost model (UBJSON)",
  family: "model",
  order: 60,
  sniff: ({ text }) => /^\{(L[^]{8}|l[^]{4}|i[^]|U[^])learner\{/.test(text),
  open(source) {
    walkUbjson(source);
    return { subjects: [] };
  },
});

/** Universal Binary JSON, to its last brace. @throws scan/malformed */
function walkUbjson(source: ByteSource): void {
  const last = source.read(source.sizeBytes - 1, 1)[0];
  if (last !== 0x7d) throw malformed("it ends before its last brace");
}

export const catboost = defineKind({
  id: "catboost",
  title: "CatBoost model",
  family: "model",
  order: 60,
  sniff: ({ text }) => text.startsWith("CBM1"),
  open(source) {
    const head = source.read(4, 4);
    const length = head.length === 4 ? new DataView(head.buffer, head.byteOffset).getUint32(0, true) : Infinity;
    if (8 + length > source.sizeBytes) throw malformed("its core is longer than the file");
    return { subjects: [] };
  },
});
