import { copyOf } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import type { Opened } from "../define.ts";
import { malformed } from "../refuse.ts";

/** One object of a JSON document that names code: a class, a function, a loader. */
export interface NamedCode {
  readonly field: string;
  readonly module: string;
  readonly name: string;
  /** `__loader__` of skops, `registered_name` or `function_type` of Keras. */
  readonly role: string;
}

declare module "../subject.ts" {
  interface Subjects {
    "keras-config": { readonly code: readonly NamedCode[] };
    "skops-schema": { readonly code: readonly NamedCode[] };
    "model-config": { readonly autoMap: readonly string[] };
  }
}

/** JSON that says how a model is put together: Keras, skops, Hugging Face, XGBoost. Other JSON is plain text. */
export const jsonModel = defineKind({
  id: "json-model",
  title: "JSON that describes a model",
  family: "model",
  order: 550,
  sniff: ({ text, isText }) =>
    isText &&
    /^\s*\{/.test(text) &&
    /"(class_name|__loader__|auto_map|model_type|architectures|learner|keras_version)"\s*:/.test(text),
  open(source, { limits }) {
    const text = new TextDecoder().decode(copyOf(source, 0, Math.min(source.sizeBytes, limits.maxUnpackedBytes)));
    let tree: unknown;
    try {
      tree = JSON.parse(text);
    } catch {
      throw malformed("it is no JSON");
    }
    return describe(tree as Record<string, unknown>);
  },
});

function describe(tree: Record<string, unknown>): Opened {
  if ("learner" in tree) return { kind: "xgboost", subjects: [] };
  if ("__loader__" in tree)
    return { kind: "skops-schema", subjects: [{ type: "skops-schema", value: { code: skopsCode(tree) } }] };
  if ("auto_map" in tree || "model_type" in tree || "architectures" in tree) {
    const map = Object.values((tree["auto_map"] ?? {}) as Record<string, unknown>).flat();
    return {
      kind: "model-config",
      subjects: [{ type: "model-config", value: { autoMap: map.filter((one): one is string => typeof one === "string") } }],
    };
  }
  return { kind: "keras-config", subjects: [{ type: "keras-config", value: { code: kerasCode(tree) } }] };
}

type Json = Record<string, unknown>;

/** Every object of a document with its path, without recursion: depth costs nothing but the list. */
function* objects(tree: unknown): Generator<{ field: string; value: Json }> {
  const open: { field: string; value: unknown }[] = [{ field: "$", value: tree }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { field, value } = next;
    if (typeof value !== "object" || value === null) continue;
    if (!Array.isArray(value)) yield { field, value: value as Json };
    for (const [key, child] of Object.entries(value))
      if (typeof child === "object") open.push({ field: `${field}.${key}`.slice(-200), value: child });
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Objects with a class, and functions given by name or as code. */
export function kerasCode(tree: unknown): NamedCode[] {
  const found: NamedCode[] = [];
  for (const { field, value } of objects(tree)) {
    const name = text(value["class_name"]);
    if (name !== "") found.push({ field, module: text(value["module"]), name, role: text(value["registered_name"]) });
    if (name === "function" && typeof value["config"] === "string")
      found.push({ field, module: text(value["module"]), name: value["config"], role: "function" });
    if ("function_type" in value)
      found.push({ field, module: text(value["module"]), name: "function", role: text(value["function_type"]) });
  }
  return found;
}

function skopsCode(tree: unknown): NamedCode[] {
  const found: NamedCode[] = [];
  for (const { field, value } of objects(tree)) {
    if ("__loader__" in value)
      found.push({ field, module: text(value["__module__"]), name: text(value["__class__"]), role: text(value["__loader__"]) });
  }
  return found;
}
