import { wholeDocument } from "../bytes/whole-text.ts";
import { defineKind } from "../define.ts";
import type { Opened, Probe } from "../define.ts";
import { latin1 } from "../engine/probe.ts";
import { decodeJson, parseJson } from "../named-code/json.ts";
import { kerasCode, skopsCode } from "../named-code/named-code.ts";
import { malformed } from "../refuse.ts";
import type { Subject } from "../subject.ts";

declare module "../subject.ts" {
  interface Subjects {
    /** Code that a configuration names: files beside it or in other repositories, and classes of installed packages. */
    "model-config": { readonly autoMap: readonly string[]; readonly imports: readonly string[] };
    /** Files that an index of shards names. */
    "shard-index": { readonly files: readonly string[] };
  }
}

const words =
  /"(class_name|registered_name|__loader__|auto_map|model_type|architectures|learner|keras_version|custom_pipelines|chat_template|weight_map|auto_mapping)"\s*:/;

/** JSON that says how a model is put together: Keras, skops, Hugging Face, XGBoost. Other JSON is plain text. */
export const jsonModel = defineKind({
  id: "json-model",
  title: "JSON that describes a model",
  family: "model",
  order: 505,
  sniff: (probe) => probe.isText && /^\s*\{/.test(probe.text) && names(probe),
  open(source, { limits }) {
    const tree = parseJson(decodeJson(wholeDocument(source, limits.maxUnpackedBytes)));
    if (typeof tree !== "object" || tree === null) throw malformed("it is no JSON");
    return describe(tree as Record<string, unknown>);
  },
});

/** A key may be written with escapes, and stand behind any number of others. */
function names({ text, head, sizeBytes, source }: Probe): boolean {
  const says = (part: string): boolean =>
    words.test(part.replaceAll(/\\u00([0-7][0-9a-fA-F])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
  if (says(text)) return true;
  for (let at = head.length; at < sizeBytes; at += 1 << 20) {
    // A window takes in the longest key with all its letters escaped.
    if (says(latin1(source.read(at - 256, (1 << 20) + 256)))) return true;
  }
  return false;
}

/** A document may be read by several programs, each of which looks for its own keys only. */
function describe(tree: Record<string, unknown>): Opened {
  const subjects: Subject[] = [{ type: "keras-config", value: { code: kerasCode(tree) } }];
  let kind = "keras-config";
  const skops = skopsCode(tree);
  if (skops.length > 0) {
    subjects.push({ type: "skops-schema", value: { code: skops } });
    kind = "skops-schema";
  }
  if (["auto_map", "auto_mapping", "model_type", "architectures", "custom_pipelines"].some((key) => key in tree)) {
    subjects.push({ type: "model-config", value: { autoMap: autoMapOf(tree), imports: importsOf(tree) } });
    kind = "model-config";
  }
  if (typeof tree["weight_map"] === "object" && tree["weight_map"] !== null) {
    const files = new Set(Object.values(tree["weight_map"]).map(String));
    subjects.push({ type: "shard-index", value: { files: [...files] } });
    kind = "shard-index";
  }
  const templates = templatesOf(tree["chat_template"]);
  if (templates.length > 0) subjects.push({ type: "chat-templates", value: { templates } });
  return { kind: "learner" in tree ? "xgboost" : kind, subjects };
}

/** One template, or several by name (Hugging Face `tokenizer_config.json`). */
function templatesOf(value: unknown): readonly { readonly key: string; readonly text: string }[] {
  const all = Array.isArray(value) ? value.map((one: { template?: unknown } | null) => one?.template) : [value];
  return all.filter((one) => typeof one === "string").map((text) => ({ key: "chat_template", text }));
}

/** Packages whose classes an adapter of PEFT names by itself. */
const known = /^(transformers|peft|diffusers|sentence_transformers|timm|torch\.nn)(\.|$)/;

/** PEFT imports `parent_library` and takes `base_model_class` from it. */
function importsOf(tree: Record<string, unknown>): readonly string[] {
  const { parent_library: library, base_model_class: name } = (tree["auto_mapping"] ?? {}) as Record<string, unknown>;
  return typeof library === "string" && !known.test(library) ? [`${library}.${String(name)}`] : [];
}

/** Files of Python that a configuration names: classes by task, and pipelines with their implementation. */
function autoMapOf(tree: Record<string, unknown>): readonly string[] {
  const map = Object.values((tree["auto_map"] ?? {}) as Record<string, unknown>).flat();
  const pipelines = Object.values((tree["custom_pipelines"] ?? {}) as Record<string, { impl?: unknown }>).map((one) => one?.impl);
  return [...map, ...pipelines].filter((one): one is string => typeof one === "string");
}
