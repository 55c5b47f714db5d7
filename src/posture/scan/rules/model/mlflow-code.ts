import { defineRule } from "../../define.ts";
import { probeOf } from "../../engine/probe.ts";

export const mlflowCode = defineRule({
  id: "model/mlflow-code",
  title: "MLflow model that brings or names code",
  severity: "high",
  why: "loading the model puts its folder of code on Python's path and imports the module that it names",
  fix: "read the code, and pin the version of the model whose code was read",
  references: ["cwe:829", "cwe:94", "atlas:AML.T0010"],
  subject: "bytes",
  *check(source) {
    const { isText, text } = probeOf(source, "");
    if (!isText || !/^flavors:[ \t]*$/m.test(text)) return;
    for (const [, module = ""] of text.matchAll(/^[ \t]+loader_module:[ \t]*["']?([^"'\s]+)/gm)) {
      if (/^mlflow(\.|$)/.test(module)) continue;
      yield { message: `it imports ${module}`, where: { field: "flavors.python_function.loader_module" } };
    }
    const folder = /^[ \t]+code:[ \t]*["']?([^"'\s]+)/m.exec(text)?.[1];
    if (folder !== undefined && folder !== "null" && folder !== "~")
      yield { message: `it brings the code in ${folder}`, where: { field: "flavors.python_function.code" }, severity: "medium" };
  },
  fixtures: {
    bad: [
      { name: "MLmodel", content: "flavors:\n  python_function:\n    loader_module: helper\n" },
      { name: "code/MLmodel", content: "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    code: code\n" },
    ],
    good: [{ name: "MLmodel", content: "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n    model_path: m\n" }],
  },
});
