import { defineRule } from "../../define.ts";
import { raw } from "../raw.ts";

const model = (op: string): (() => Uint8Array) =>
  raw(`\x08\x01\x12\x40\x0a\x07saved_model serve tensorflow \x0a\x04node\x12${String.fromCharCode(op.length)}${op}`);

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
      const severity = /^(Save|SaveV2|MergeV2Checkpoints|SaveSlices|PrintV2|MatchingFiles)$/.test(name)
        ? "low"
        : /PyFunc|WriteFile|Rpc/.test(name)
          ? "critical"
          : "high";
      yield { message: `it uses the operator ${name}`, where: { byte }, severity };
    }
  },
  fixtures: {
    bad: [{ name: "saved_model.pb", content: model("ReadFile") }],
    good: [{ name: "saved_model.pb", content: model("MatMul") }],
  },
});
