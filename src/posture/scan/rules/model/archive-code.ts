import { defineRule } from "../../define.ts";
import { makeZip } from "../make-zip.ts";

/** Files that say which program opens the archive, and what that program does with the Python in it. */
const openers: readonly { readonly marker: RegExp; readonly does: string }[] = [
  { marker: /^MAR-INF\/MANIFEST\.json$/i, does: "TorchServe runs its handler" },
  { marker: /(^|\/)\.data\/(extern_modules|python_version|version)$/, does: "torch.package imports it when the model is loaded" },
];

export const archiveCode = defineRule({
  id: "model/archive-code",
  title: "model archive with Python code that its loader runs",
  severity: "high",
  why: "the code runs with the rights of the server, before the first request is answered",
  fix: "read the code, or take the weights alone as safetensors or ONNX",
  references: ["cwe:829", "cwe:94", "atlas:AML.T0010", "atlas:AML.T0018"],
  subject: "zip",
  *check({ entries }) {
    const code = entries.filter(({ name }) => /\.py[cdo]?$/i.test(name));
    const [first] = code;
    const opener = openers.find(({ marker }) => entries.some(({ name }) => marker.test(name)));
    if (first === undefined || opener === undefined) return;
    const count = code.length === 1 ? "a file" : `${code.length} files`;
    yield { message: `it brings ${count} of Python, ${opener.does}`, evidence: first.name };
  },
  fixtures: {
    bad: [
      {
        name: "model.mar",
        content: makeZip([
          ["MAR-INF/MANIFEST.json", '{"model":{"handler":"h.py"}}'],
          ["h.py", "import os\n"],
        ]),
      },
      {
        name: "package.pt",
        content: makeZip([
          ["p/.data/extern_modules", "os\n"],
          ["p/net/__init__.py", "import os\n"],
        ]),
      },
    ],
    good: [
      {
        name: "script.pt",
        content: makeZip([
          ["m/version", "3\n"],
          ["m/code/__torch__.py", "op_version_set = 1\nclass M(Module):\n  pass\n"],
        ]),
      },
    ],
  },
});
