import { defineKind } from "../define.ts";

declare module "../subject.ts" {
  interface Subjects {
    program: { readonly format: string };
  }
}

const formats: readonly (readonly [RegExp, string])[] = [
  [/^\x7fELF/, "ELF program or library"],
  [/^MZ[^]{58}/, "Windows program or library"],
  [/^(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)/, "macOS program or library"],
  // oxlint-disable-next-line no-control-regex
  [/^\0asm\x01\0\0\0/, "WebAssembly module"],
  // oxlint-disable-next-line no-control-regex
  [/^[\xa0-\xff][\x0c-\x0f]\r\n[\0-\x03]\0\0\0/, "compiled Python module"],
  [/^\xca\xfe\xba\xbe/, "macOS or Java program"],
];

/** Code that a machine runs as it stands. */
export const program = defineKind({
  id: "program",
  title: "compiled program or library",
  family: "model",
  order: 48,
  sniff: ({ text }) => formats.some(([magic]) => magic.test(text)),
  open(source) {
    const text = String.fromCharCode(...source.read(0, 64));
    const format = formats.find(([magic]) => magic.test(text))?.[1] ?? "program";
    return { subjects: [{ type: "program", value: { format } }] };
  },
});
