import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportLines, foreignFile, readModel } from "./index.ts";

const root = join(import.meta.dirname, "../../..");
const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
const zip = (...names: string[]): Uint8Array => Uint8Array.from([0x50, 0x4b, 3, 4, ...ascii(names.join("\u0000"))]);
const pickle = (text: string): Uint8Array => Uint8Array.from([0x80, 4, 0x95, ...ascii(text)]);
const safetensors = (): Uint8Array => {
  const header = ascii('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  return Uint8Array.from([header.length, 0, 0, 0, 0, 0, 0, 0, ...header, 0, 0, 0, 0]);
};

const cases: readonly (readonly [string, Uint8Array, string])[] = [
  ["model.pt", zip("archive/data.pkl"), "torch.onnx.export("],
  ["scripted.pt", zip("m/constants.pkl", "m/code/"), "torch.onnx.export("],
  ["old.pth", pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."), "torch.onnx.export("],
  ["weights.safetensors", safetensors(), "torch.onnx.export("],
  ["model.h5", Uint8Array.from([0x89, ...ascii("HDF\r\n\u001a\n")]), "tf2onnx.convert.from_keras("],
  ["model.keras", zip("metadata.json", "model.weights.h5"), "tf2onnx.convert.from_keras("],
  ["model.tflite", Uint8Array.from([0x1c, 0, 0, 0, ...ascii("TFL3")]), "tf2onnx"],
  ["saved_model.pb", Uint8Array.from([8, 1, 0x12, 20, ...ascii("serve NoOp StatefulPartitionedCall")]), "tf2onnx"],
  ["model.pkl", pickle("sklearn.linear_model._logistic"), "to_onnx(model"],
  ["model.joblib", pickle("sklearn.pipeline"), "to_onnx(model"],
  ["model.joblib", Uint8Array.from([0x78, 0x01, 1]), "to_onnx(model"],
  ["xgb.pkl", pickle("xgboost.sklearn"), "convert_xgboost("],
  ["model.json", Uint8Array.from(ascii('{"learner":{"attributes":{}}}')), "convert_xgboost("],
  ["model.ubj", Uint8Array.from([...ascii("{L"), 0, 0, 0, 0, 0, 0, 0, 7, ...ascii("learner")]), "convert_xgboost("],
  ["llama.gguf", Uint8Array.from(ascii("GGUF")), "export.md"],
  ["x.npy", Uint8Array.from([0x93, ...ascii("NUMPY")]), "export.md"],
  ["nothing.onnx", new Uint8Array(0), "export.md"],
];

describe("a file of another framework", () => {
  it.for(cases)("%s is recognised, and the hint has the lines that export it", ([name, bytes, line]) => {
    const error = expect.objectContaining({ code: "onnx/not-onnx", hint: expect.stringContaining(line) });
    expect(() => foreignFile(bytes, name)).toThrow(error);
  });

  it("is recognised by its content when its name lies", () => {
    expect(() => foreignFile(zip("archive/data.pkl"), "model.onnx")).toThrow(/is a PyTorch file/);
    expect(() => readModel(zip("archive/data.pkl"))).toThrow(expect.objectContaining({ code: "onnx/not-onnx" }));
  });

  it("is not what an ONNX file is taken for, whatever its name", () => {
    const bytes = new Uint8Array(readFileSync(join(root, "examples/models/digits.onnx")));
    for (const name of ["digits.onnx", "digits.pt", "digits.pkl", ""]) foreignFile(bytes, name);
  });
});

describe("the guide on exporting", () => {
  const guide = readFileSync(join(root, "docs/guide/export.md"), "utf8");
  it.for(Object.values(exportLines))(
    "shows the same lines as the error for $framework",
    ({ framework, packages, lines, note }) => {
      expect(guide).toContain(`## ${framework}`);
      expect(guide).toContain(`pip install ${packages}`);
      expect(guide).toContain(`\`\`\`python\n${lines.join("\n")}\n\`\`\``);
      expect(guide).toContain(note);
    },
  );
});
