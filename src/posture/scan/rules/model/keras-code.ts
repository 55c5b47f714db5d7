import { defineRule } from "../../define.ts";

/** Packages whose classes Keras loads by itself. */
const own = /^(keras|keras_nlp|keras_cv|keras_hub|tf_keras|tensorflow|builtins|)(\.|$)/;
/** Layers that load something else when they are made (CVE-2025-49655 and its like). */
const foreign = new Set(["TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"]);
/** What a name of Python's own can do; Keras itself gives its activations and losses the module `builtins`. */
const reaching = new Set(
  "__import__ breakpoint compile delattr eval exec exit getattr globals help input locals map memoryview object open print quit setattr super type vars".split(
    " ",
  ),
);
const layer = (value: object): string =>
  JSON.stringify({ class_name: "Sequential", module: "keras", config: { layers: [value] }, registered_name: null });

export const kerasCode = defineRule({
  id: "model/keras-code",
  title: "Keras model that brings or names code",
  severity: "critical",
  why: "loading the model imports what it names, or runs the code of a Lambda layer",
  fix: "do not load it; ask for the model without Lambda layers and custom modules, or convert it to ONNX where it can do no harm",
  references: [
    "cve:2025-1550",
    "cve:2025-9905",
    "cve:2024-3660",
    "cve:2025-49655",
    "cve:2026-1462",
    "cwe:502",
    "cwe:94",
    "atlas:AML.T0010",
  ],
  subject: "keras-config",
  *check({ code }) {
    for (const { field, module, name, role } of code) {
      if (name === "Lambda" || name === "__lambda__" || role === "lambda")
        yield { message: "a Lambda layer brings code of its own", where: { field } };
      else if (role === "vocabulary")
        yield { message: `it reads the file ${name} as its words`, where: { field }, severity: "high" };
      else if (foreign.has(name))
        yield { message: `a ${name} loads a model of another framework, with its code`, where: { field } };
      else if (module === "builtins" && reaching.has(name))
        yield { message: `it takes ${name} of Python itself`, where: { field } };
      else if (!own.test(module)) yield { message: `it imports ${name} of ${module}`, where: { field } };
      else if (
        role === "function" &&
        !/^(keras|tensorflow|tf_keras)\b.*\b(activations|losses|metrics|ops|nn)\b/.test(module) &&
        module !== "builtins" &&
        module !== ""
      )
        yield { message: `it calls the function ${name} of ${module}`, where: { field } };
      else if (/(^|\.)(src\.)?(utils|saving|legacy)(\.|$)/.test(module))
        yield { message: `it reaches into ${module}.${name}`, where: { field } };
    }
  },
  fixtures: {
    bad: [
      { name: "wrapped.json", content: layer({ class_name: "TorchModuleWrapper", module: "keras.layers", config: {} }) },
      {
        name: "file-of-words.json",
        content: layer({ class_name: "StringLookup", module: "keras.layers", config: { vocabulary: "/etc/passwd" } }),
      },
      { name: "lambda.json", content: layer({ class_name: "Lambda", module: "keras.layers", config: {} }) },
      { name: "module.json", content: layer({ class_name: "system", module: "os", config: {} }) },
      {
        name: "builtin.json",
        content: layer({
          class_name: "Dense",
          module: "keras.layers",
          config: { activation: { class_name: "function", module: "builtins", config: "eval" } },
        }),
      },
      {
        name: "function.json",
        content: layer({ class_name: "function", module: "keras.utils", config: "get_file", registered_name: "function" }),
      },
    ],
    good: [
      {
        name: "words.json",
        content: layer({ class_name: "StringLookup", module: "keras.layers", config: { vocabulary: ["a", "b"] } }),
      },
      { name: "dense.json", content: layer({ class_name: "Dense", module: "keras.layers", config: { activation: "relu" } }) },
    ],
  },
});
