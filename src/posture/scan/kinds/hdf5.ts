import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import type { Probe } from "../define.ts";
import { latin1 } from "../engine/probe.ts";
import { outsideOf } from "../hdf5/outside.ts";
import type { HdfOutside } from "../hdf5/outside.ts";
import { objectsInText, parseJson } from "../named-code/json.ts";
import { kerasCode } from "../named-code/named-code.ts";
import type { NamedCode } from "../named-code/named-code.ts";

declare module "../subject.ts" {
  interface Subjects {
    "hdf5-outside": HdfOutside;
  }
}

/**
 * HDF5, as Keras writes `.h5`. Its configuration is one JSON text in an attribute, which HDF5 stores uncompressed and in one piece: any
 * JSON object in the bytes is read, whatever its keys. Where one cannot be read to its end, the words that name code decide.
 */
export const hdf5 = defineKind({
  id: "hdf5",
  title: "HDF5 (Keras)",
  family: "model",
  order: 30,
  sniff: ({ text }) => text.startsWith(magic),
  hides: (probe) => signatureAt(probe) > 0,
  open(source) {
    const code = configsIn(source);
    return {
      ...(code === undefined ? {} : { kind: "keras-h5" }),
      subjects: [
        ...(code === undefined ? [] : [{ type: "keras-config" as const, value: { code } }]),
        ...outsideOf(source, startOf(source)).map((value) => ({ type: "hdf5-outside" as const, value })),
      ],
    };
  },
});

const magic = "\x89HDF\r\n\x1a\n";

/** A file may have a block of its user in front, of 512 bytes or a power of two more (HDF5 File Format 3.0, II.A). */
function signatureAt({ source }: Pick<Probe, "source">): number {
  for (let at = 512; at + 8 <= source.sizeBytes; at *= 2) if (latin1(source.read(at, 8)) === magic) return at;
  return -1;
}

/** Addresses count from the signature. */
const startOf = (source: ByteSource): number => (latin1(source.read(0, 8)) === magic ? 0 : Math.max(0, signatureAt({ source })));

const step = 1 << 24;
/** A beginning that a window cuts in two. */
const overlap = 256;
const keras = /"(?:class_name|keras_version|module|registered_name)"\s*:/;

/** JSON texts that could be a configuration, in a file of any content. */
export function configsIn(source: ByteSource): NamedCode[] | undefined {
  const found: NamedCode[] = [];
  let seen = false;
  for (let at = 0; at < source.sizeBytes && found.length <= 10_000;) {
    let next = at + step;
    const text = latin1(source.read(at, step + overlap));
    for (const { at: start, text: part, tree } of objectsInText(text)) {
      if (start >= step) break;
      const isCut = tree === undefined && start + part.length === text.length && at + text.length < source.sizeBytes;
      if (isCut && start > 0) {
        next = at + start; // seen whole from there
        break;
      }
      const code = tree === undefined ? byWords(part) : kerasCode(tree);
      if (code.length === 0) continue;
      seen = true;
      for (const one of code) found.push(one);
      next = Math.max(next, at + start + part.length);
    }
    at = next;
  }
  return seen ? found : undefined;
}

/** Text that begins like a configuration and cannot be read as one: every word that names code in it. */
function byWords(text: string): NamedCode[] {
  if (!keras.test(text)) return [];
  return [...text.matchAll(/"(?:class_name|registered_name|module)"\s*:\s*("(?:[^"\\]|\\.){0,200}")/g)].map(([whole, quoted]) => {
    const name = String(parseJson(quoted!) ?? "?");
    const isModule = whole.startsWith('"module"');
    return { field: "model_config", module: isModule ? name : "", name: isModule ? "?" : name, role: "" };
  });
}
