import { bytesSource, copyOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import type { Member } from "../define.ts";
import type { ScanContext } from "../engine/context.ts";
import { malformed, refused } from "../refuse.ts";
import { inflateRaw } from "../unpack/inflate.ts";
import { Growing } from "../unpack/growing.ts";
import type { Unpacked } from "../unpack/growing.ts";
import { unpackZippedLzma } from "../unpack/xz.ts";
import { endsInArchive } from "../zip/end.ts";
import { crc32, crc32Of } from "../unpack/checksum.ts";
import { packed, readZip } from "../zip/entries.ts";
import type { ZipArchive, ZipEntry } from "../zip/entries.ts";
import { unpackBzip2 } from "../unpack/bzip2.ts";

declare module "../subject.ts" {
  interface Subjects {
    zip: ZipArchive;
  }
}

/** Members whose checksum is worked out: beyond this the archive is large data, and its names and structure decide. */
const maxChecked = 1 << 26;

export const zip = defineKind({
  id: "zip",
  title: "ZIP archive (PyTorch, Keras, NumPy and others)",
  family: "model",
  order: 40,
  sniff: ({ head }) => isZip(head),
  hides: ({ source }, loose) => endsInArchive(source, { loose }),
  open(source, context) {
    const archive = readZip(source, context.limits.maxMembers);
    return { kind: kindOf(archive), subjects: [{ type: "zip", value: archive }], members: members(source, archive, context) };
  },
});

const isZip = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b && [1, 3, 5].includes(head[2]!);

function kindOf({ entries }: ZipArchive): string {
  const names = new Set(entries.map(({ name }) => name.replace(/^[^/]*\//, "")));
  const all = new Set(entries.map(({ name }) => name));
  if (names.has("constants.pkl") || [...names].some((name) => name.startsWith("code/"))) return "torchscript";
  if (names.has("data.pkl")) return "pytorch";
  if (all.has("config.json") && (all.has("model.weights.h5") || all.has("metadata.json"))) return "keras";
  if (all.has("schema.json")) return "skops";
  return entries.length > 0 && entries.every(({ name }) => name.endsWith(".npy")) ? "npz" : "zip";
}

function* members(source: ByteSource, { entries }: ZipArchive, context: ScanContext): Generator<Member> {
  const folders = entries.filter(({ name }) => /(^|\/)data\.pkl$/.test(name)).map(({ name }) => `${name.slice(0, -8)}data/`);
  for (const entry of entries) {
    if (entry.name.endsWith("/") && entry.compressedBytes === 0) continue;
    const known = knownOf(entry.name, folders);
    yield { name: entry.name, open: () => unpack(source, entry, context), ...(known === undefined ? {} : { known }) };
  }
}

/** Members whose place says how they are read, whatever they look like: a description with other words in front is still read as one. */
function knownOf(name: string, folders: readonly string[]): string | undefined {
  if (name === "config.json" || name === "schema.json") return "json-model";
  if (/^[^/]+\/code\/.+\.py$/.test(name)) return "torchscript-code";
  return folders.some((folder) => name.startsWith(folder) && /^\d+$/.test(name.slice(folder.length))) ? "tensor-data" : undefined;
}

function unpack(source: ByteSource, entry: ZipEntry, { budget }: ScanContext): ByteSource {
  const data = packed(source, entry);
  // An entry that is only marked as encrypted is read as it stands: a reader that ignores the mark does the same.
  if (entry.method === 0) return checked(entry, data, data.sizeBytes <= maxChecked ? crc32Of(data) : entry.crc32);
  const { bytes, broken } = unpackBy(entry, data, budget.allowance);
  budget.spend(bytes.length);
  if (broken !== undefined && bytes.length === 0) {
    throw (entry.flags & 1) === 1 ? refused("it is encrypted") : malformed(`its packed data is damaged: ${broken}`);
  }
  const damage = broken === undefined ? {} : { damage: `its packed data is damaged: ${broken}` };
  return checked(entry, { ...bytesSource(bytes), ...damage }, crc32(bytes));
}

function unpackBy({ method }: ZipEntry, data: ByteSource, limit: number): Pick<Unpacked, "bytes" | "broken"> {
  const out = new Growing(limit);
  switch (method) {
    case 8:
      return { broken: inflateRaw(data, 0, out).broken, bytes: out.done() };
    case 12:
      return { broken: unpackBzip2(data, out).broken, bytes: out.done() };
    case 14:
      return unpackZippedLzma(copyOf(data, 0, data.sizeBytes), limit);
    default:
      throw malformed(`it is packed by method ${method}, which is not read here`);
  }
}

/** A wrong checksum is told, and the bytes are looked at all the same: a reader that does not check acts on them. */
function checked(entry: ZipEntry, bytes: ByteSource, crc: number): ByteSource {
  if (crc === entry.crc32 || ((entry.flags & 8) !== 0 && entry.crc32 === 0)) return bytes;
  return { ...bytes, damage: (entry.flags & 1) === 1 ? "it is encrypted" : "its checksum does not match" };
}
