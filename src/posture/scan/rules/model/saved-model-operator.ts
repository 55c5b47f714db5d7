import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

const message = (field: number, content: string): string => `${String.fromCharCode(field * 8 + 2, content.length)}${content}`;
const node = (op: string): string => message(1, "n") + message(2, op);
/** A model with one node, in its graph or in a function of it. */
const model = (op: string): (() => Uint8Array) => raw(`\x08\x01${message(2, message(2, message(1, node(op))))}`);
const inFunction = (op: string): (() => Uint8Array) =>
  raw(`\x08\x01${message(2, message(2, message(1, node("NoOp")) + message(2, message(1, message(3, node(op))))))}`);

export const savedModelOperator = defineRule({
  id: "model/saved-model-operator",
  title: "TensorFlow model that reads, writes or calls Python",
  severity: "high",
  why: "the operator runs whenever the model answers, with the rights of the server",
  fix: "export the model without it; only pure operators belong into a served graph",
  references: ["cwe:73", "cwe:94", "atlas:AML.T0010", "https://github.com/tensorflow/tensorflow/security/policy"],
  subject: "saved-model",
  *check({ operators }) {
    for (const [name, byte] of operators) {
      const severity = /^(Save|SaveV2|MergeV2Checkpoints|SaveSlices|Print|MatchingFiles|InitializeTableFromTextFile)$/.test(name)
        ? "low"
        : /PyFunc|WriteFile|Rpc|RemoteCall/.test(name)
          ? "critical"
          : "high";
      yield { message: `it uses the operator ${name}`, where: { byte }, severity };
    }
  },
  fixtures: {
    bad: [
      { name: "saved_model.pb", content: model("ReadFile") },
      { name: "function/saved_model.pb", content: inFunction("EagerPyFunc") },
      { name: "long-number/saved_model.pb", content: raw("\x12\x13\x12\x11\x0a\x8e\x00\x0a\x01n\x12\x88\x00ReadFile") },
    ],
    good: [{ name: "saved_model.pb", content: model("MatMul") }],
  },
});
