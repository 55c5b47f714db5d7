import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import { latin1 } from "../engine/probe.ts";
import { kerasCode } from "./json-model.ts";
import type { NamedCode } from "./json-model.ts";

/**
 * HDF5, as Keras writes `.h5`. Its configuration is one JSON text in an attribute, which HDF5 stores uncompressed and in one piece: the
 * text is found by its first word and read to its last brace. Where it cannot be read as a whole, the words that name code decide.
 */
export const hdf5 = defineKind({
  id: "hdf5",
  title: "HDF5 (Keras)",
  family: "model",
  order: 30,
  sniff: ({ text }) => text.startsWith("\x89HDF\r\n\x1a\n"),
  open(source) {
    const code = configsIn(source);
    return {
      ...(code === undefined ? {} : { kind: "keras-h5" }),
      subjects: code === undefined ? [] : [{ type: "keras-config", value: { code } }],
    };
  },
});

const step = 1 << 22;
const maxConfig = 1 << 26;
const start = /\{"(?:class_name|module|name|config|registered_name|build_config)"\s*:/g;

function configsIn(source: ByteSource): NamedCode[] | undefined {
  const found: NamedCode[] = [];
  let seen = false;
  for (let at = 0; at < source.sizeBytes;) {
    const text = latin1(source.read(at, step + 64));
    start.lastIndex = 0;
    const match = start.exec(text);
    if (match === null || match.index >= step) {
      at += step;
      continue;
    }
    const { tree, length } = jsonAt(source, at + match.index);
    seen = true;
    found.push(...(tree === undefined ? byWords(text.slice(match.index)) : kerasCode(tree)));
    at += match.index + Math.max(1, length);
    if (found.length > 10_000) break;
  }
  return seen ? found : undefined;
}

/** The object that begins at a place, by its braces outside of strings. */
function jsonAt(source: ByteSource, at: number): { tree: unknown; length: number } {
  let text = "";
  let [depth, inString, from] = [0, false, 0];
  while (text.length < maxConfig && at + text.length < source.sizeBytes) {
    text += latin1(source.read(at + text.length, 1 << 16));
    for (; from < text.length; from++) {
      const char = text[from];
      if (inString) {
        if (char === "\\") from++;
        else if (char === '"') inString = false;
      } else if (char === '"') inString = true;
      else if (char === "{") depth++;
      else if (char === "}" && --depth === 0) return { tree: parsed(text.slice(0, from + 1)), length: from + 1 };
    }
  }
  return { tree: undefined, length: 1 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function byWords(text: string): NamedCode[] {
  return [...text.matchAll(/"class_name"\s*:\s*"(\w+)"/g)].map(([, name]) => ({
    field: "model_config",
    module: "",
    name: name!,
    role: "",
  }));
}
