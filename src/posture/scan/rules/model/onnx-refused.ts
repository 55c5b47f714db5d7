import { defineRule } from "../../define.ts";
import { foreignModel, plainModel } from "../onnx-fixtures.ts";

export const onnxRefused = defineRule({
  id: "model/onnx-refused",
  title: "ONNX model that may not run",
  severity: "high",
  why: "it uses operators of someone else's library, calls itself, or asks for more memory or work than its file explains",
  fix: "export it again with standard operators; if its maker needs that domain, allow it for this model only",
  references: ["cwe:400", "cwe:674", "cwe:829", "atlas:AML.T0010"],
  subject: "onnx",
  *check({ costly }) {
    if (costly !== undefined) yield { message: costly.message, evidence: costly.code };
  },
  fixtures: {
    bad: [{ name: "foreign.onnx", content: () => foreignModel() }],
    good: [{ name: "plain.onnx", content: () => plainModel() }],
  },
});
