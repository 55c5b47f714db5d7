import { copyOf } from "../bytes/source.ts";
import { defineKind } from "../define.ts";

declare module "../subject.ts" {
  interface Subjects {
    "torchscript-code": { readonly lines: readonly string[] };
  }
}

/** The Python-like text in `code/` of a TorchScript archive, which PyTorch compiles: the first line is always the same word. */
export const torchscriptCode = defineKind({
  id: "torchscript-code",
  title: "TorchScript code",
  family: "model",
  order: 560,
  sniff: ({ text, isText }) =>
    isText && /^(op_version_set|class \w+\(Module\)|def \w+\()/.test(text) && /\b(torch|ops|Module|__torch__)\b/.test(text),
  open(source) {
    const text = new TextDecoder().decode(copyOf(source, 0, Math.min(source.sizeBytes, 1 << 26)));
    return { subjects: [{ type: "torchscript-code", value: { lines: text.split("\n") } }] };
  },
});
