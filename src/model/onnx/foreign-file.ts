/** Recognises files of other frameworks, given where an ONNX model is expected, and says which lines export them. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { exportLines } from "./export-lines.ts";
import type { ExportFramework } from "./export-lines.ts";

/** What a foreign file is and which framework's lines export it. */
interface Recognised {
  readonly what: string;
  readonly framework?: ExportFramework;
}

/** First and last bytes hold all magic numbers, header texts and a ZIP's directory. */
const windowBytes = 64 * 1024;

/**
 * Throws when a file is recognised as something else than ONNX, by its content first and its name second; returns when it may be ONNX.
 * @throws onnx/not-onnx with the Python lines that export such a file
 * @example
 * foreignFile(bytes, "resnet.pt"); // throws: … torch.onnx.export(…)
 */
export function foreignFile(bytes: Uint8Array, fileName = ""): void {
  const found = byContent(bytes) ?? byName(bytes, fileName);
  if (found === undefined) return;
  const name = fileName === "" ? "the file" : quote(fileName);
  throw new ModelkeepError("onnx/not-onnx", {
    message: `${name} is ${found.what}, not an ONNX model`,
    hint: hintFor(found),
    status: 400,
  });
}

function hintFor({ framework }: Recognised): string {
  if (framework === undefined) return "give an ONNX file; docs/guide/export.md shows how each framework writes one";
  const { packages, lines } = exportLines[framework];
  return [`export it from Python (pip install ${packages}), then give model.onnx:`, ...lines].join("\n  ");
}

function byContent(bytes: Uint8Array): Recognised | undefined {
  if (bytes.length === 0) return { what: "empty" };
  const starts = (...magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  const head = latin1(bytes.subarray(0, windowBytes));
  if (starts(0x50, 0x4b, 0x03, 0x04)) return zip(head + latin1(bytes.subarray(-windowBytes)));
  if (starts(0x89, 0x48, 0x44, 0x46)) return { what: "an HDF5 file (Keras)", framework: "tensorflow" };
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) return pickle(head);
  if (head.startsWith("GGUF")) return { what: "a GGUF language model" };
  if (head.startsWith("TFL3", 4)) return { what: "a TensorFlow Lite model", framework: "tensorflow" };
  if (head.startsWith("CBM1")) return { what: "a CatBoost model" };
  if (head.startsWith("\x93NUMPY")) return { what: "a NumPy array" };
  if (isSafetensors(bytes, head)) return { what: "a safetensors file (weights without a graph)", framework: "pytorch" };
  if (/^\{(L.{1,8})?.{0,16}"?learner/s.test(head)) return { what: "an XGBoost model", framework: "xgboost" };
  if (head.startsWith("tree\nversion=")) return { what: "a LightGBM model" };
  if (/^(\ufeff)?\s*(<\?xml|<net )/.test(head)) return { what: "an XML file" };
  if (/^\s*[[{]\s*"/.test(head)) return { what: "a JSON file" };
  if (head.startsWith("version https://git-lfs"))
    return { what: "a Git LFS pointer (fetch the file itself with `git lfs pull`)" };
  if (starts(0x1f, 0x8b) || starts(0x78, 0x9c) || starts(0x28, 0xb5, 0x2f, 0xfd)) return { what: "a compressed file" };
  // SavedModel { schema_version = 1, meta_graphs { … "serve" … } } begins like an ONNX file of IR version 1.
  if (
    starts(0x08, 0x01, 0x12) &&
    /saved_model|StatefulPartitionedCall|serve/.test(head.slice(0, 4096)) &&
    /tensorflow|NoOp|Placeholder/i.test(head)
  ) {
    return { what: "a TensorFlow SavedModel", framework: "tensorflow" };
  }
  return undefined;
}

function zip(names: string): Recognised {
  if (/data\.pkl|constants\.pkl/.test(names)) return { what: "a PyTorch file", framework: "pytorch" };
  if (/model\.weights\.h5|metadata\.json/.test(names)) return { what: "a Keras file", framework: "tensorflow" };
  if (/saved_model\.pb/.test(names)) return { what: "a zipped TensorFlow SavedModel", framework: "tensorflow" };
  if (/\.npy/.test(names)) return { what: "a NumPy archive" };
  return { what: "a ZIP archive" };
}

function pickle(head: string): Recognised {
  // PyTorch before 1.6 begins with a pickled long, its magic number 0x1950a86a20f9469cfc6c.
  if (head.includes("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") || head.includes("torch")) {
    return { what: "a pickled PyTorch file", framework: "pytorch" };
  }
  if (head.includes("xgboost")) return { what: "a pickled XGBoost model", framework: "xgboost" };
  if (head.includes("keras") || head.includes("tensorflow")) return { what: "a pickled Keras model", framework: "tensorflow" };
  return { what: "a Python pickle (scikit-learn, joblib)", framework: "sklearn" };
}

/** Eight bytes of header length, then a JSON object. */
function isSafetensors(bytes: Uint8Array, head: string): boolean {
  if (bytes.length < 10) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length >= 2n && length <= BigInt(bytes.length - 8) && head[8] === "{" && /^\{\s*("|\})/.test(head.slice(8));
}

const extensions: readonly (readonly [RegExp, Recognised])[] = [
  [/\.(pt|pth|pt2|ckpt|bin|torchscript)$/i, { what: "a PyTorch file", framework: "pytorch" }],
  [/\.safetensors$/i, { what: "a safetensors file (weights without a graph)", framework: "pytorch" }],
  [/\.(h5|hdf5|keras|tflite|pb)$/i, { what: "a TensorFlow or Keras file", framework: "tensorflow" }],
  [/\.(pkl|pickle|joblib|sav)$/i, { what: "a Python pickle (scikit-learn, joblib)", framework: "sklearn" }],
  [/\.(ubj|xgb|bst)$/i, { what: "an XGBoost model", framework: "xgboost" }],
  [/\.(gguf|mlmodel|cbm|pmml|npy|npz|ort)$/i, { what: "a file of another format" }],
];

/** The name decides only when the content could not be an ONNX file: every exporter writes `ir_version` (byte 0x08) first. */
function byName(bytes: Uint8Array, fileName: string): Recognised | undefined {
  if (bytes[0] === 0x08) return undefined;
  return extensions.find(([pattern]) => pattern.test(fileName))?.[1];
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}
