import { defineRule } from "../../define.ts";

const reaching =
  /\b(torch|ops\.aten|aten)\.(from_file|save|load|import_ir_module)\b|\b(torch\.)?classes\.\w+|\bops\.(?!aten\b|prim\b|quantized\b|prims\b|torchvision\b|torchaudio\b|inductor\b)\w+\.\w+/;
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
  *check({ lines }) {
    for (const [i, line] of lines.entries()) {
      const found = reaching.exec(line);
      if (found !== null) yield { message: `it uses ${found[0]}`, where: { line: i + 1 }, evidence: line.trim().slice(0, 120) };
    }
  },
  fixtures: {
    bad: [{ name: "m.py", content: code('x = torch.from_file("/etc/passwd", False, 100)') }],
    good: [{ name: "m.py", content: code("x = torch.relu(x)") }],
  },
});
