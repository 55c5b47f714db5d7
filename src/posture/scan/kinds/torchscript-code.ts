import { wholeDocument } from "../bytes/whole-text.ts";
import { defineKind } from "../define.ts";

declare module "../subject.ts" {
  interface Subjects {
    "torchscript-code": { readonly text: string };
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
  open: (source) => ({
    subjects: [{ type: "torchscript-code", value: { text: new TextDecoder().decode(wholeDocument(source, 1 << 26)) } }],
  }),
});
