import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

export const nativeCode = defineRule({
  id: "model/native-code",
  title: "compiled code among the files of a model",
  severity: "high",
  why: "loaders of custom operators and of compiled models (AOTInductor, TensorFlow custom ops) load such a library into their process",
  fix: "take the model without its library, or build the library yourself from source that you have read",
  references: ["cwe:829", "cwe:494", "atlas:AML.T0010"],
  subject: "program",
  *check({ format }) {
    yield { message: `it is a ${format}` };
  },
  fixtures: {
    bad: [
      { name: "op.so", content: raw(`\x7fELF\x02\x01\x01${"\0".repeat(57)}`) },
      { name: "m.pyc", content: raw(`\xa7\x0d\r\n${"\0".repeat(12)}\xe3`) },
    ],
    good: [{ name: "notes.txt", content: "ELF is a format\n" }],
  },
});
