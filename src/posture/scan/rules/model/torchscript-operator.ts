import { defineRule } from "../../define.ts";

/** Names may have spaces and line ends around their dots. */
const dotted = (...parts: readonly string[]): string => parts.join(String.raw`\s*\.\s*`);
const plain = "(?!(?:aten|prim|quantized|prims|torchvision|torchaudio|inductor)\\b)\\w+";
const reaching = new RegExp(
  [
    dotted("\\b(?:torch|aten|ops)(?:\\s*\\.\\s*aten)?", "(?:from_file|save|load|import_ir_module|_import_ir_module\\w*)\\b"),
    dotted("\\bclasses", "\\w+"),
    dotted("\\bops", plain, "\\w+"),
    "(?<=^|\\n)[ \\t]*(?:import[ \\t]+|from[ \\t]+)(?!__torch__)\\w[\\w.]*", // no line of TorchScript: Python beside the model
  ].join("|"),
  "g",
);
const code = (line: string): string =>
  `op_version_set = 1\nclass M(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    ${line}\n    return x\n`;

export const torchscriptOperator = defineRule({
  id: "model/torchscript-operator",
  title: "TorchScript code that reaches out of the model",
  severity: "high",
  why: "the compiled code reads or writes files, or calls a library that the loading process has registered",
  fix: "export the model to ONNX, or ask the maker for one without this operator",
  references: ["cwe:73", "cwe:829", "atlas:AML.T0010"],
  subject: "torchscript-code",
  *check({ text }) {
    let [line, from] = [1, 0];
    for (const found of text.matchAll(reaching)) {
      for (; from < found.index; from++) if (text.charCodeAt(from) === 10) line++;
      const evidence = text.slice(found.index, found.index + 120).split("\n")[0]!;
      yield { message: `it uses ${found[0].replaceAll(/\s+/g, "")}`, where: { line }, evidence };
    }
  },
  fixtures: {
    bad: [
      { name: "m.py", content: code('x = torch.from_file("/etc/passwd", False, 100)') },
      { name: "python.py", content: `${code("x = torch.relu(x)")}import os\nos.system("id")\n` },
      { name: "n.py", content: code('x = (ops . aten\n      .from_file)("/etc/passwd", False, 100)') },
    ],
    good: [{ name: "m.py", content: code("x = torch.relu(x)") }],
  },
});
