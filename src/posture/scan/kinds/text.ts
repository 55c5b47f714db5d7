import { defineKind } from "../define.ts";
import { malformed } from "../refuse.ts";

const isControl = (byte: number): boolean => byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13;

/** Words, code, settings: nothing that loads a model runs them as they stand. Asked last, after every format that is written as text. */
export const text = defineKind({
  id: "text",
  title: "plain text",
  family: "model",
  order: 900,
  sniff: ({ isText }) => isText,
  open(source) {
    for (let at = 0; at < source.sizeBytes; at += 1 << 20) {
      const odd = source.read(at, 1 << 20).findIndex(isControl);
      if (odd !== -1) throw malformed("it begins as text and goes on as something else", `byte ${at + odd}`);
    }
    return { subjects: [], nothing: "plain text, nothing that a model loader acts on" };
  },
});
