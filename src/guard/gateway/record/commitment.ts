/**
 * Salted commitments to what went into a model and what came out of it.
 *
 * The log holds of tensors only a commitment. Many inputs have little entropy (an age, a yes or no), so a reader of the log who
 * knew the salt could find them by trying; therefore the salt is NOT in the log. The client gets it in the header
 * `x-modelkeep-salt` beside the index of the entry: whoever holds the tensors, the salt and the log can prove what was asked and
 * answered, and nobody else can tell. An operator who must be able to open commitments too gives the gateway a salt key: salts
 * are then derived from it and the request id, and destroying the key forgets them all at once.
 */
import { nativeCommit, nativeSaltDeriver, type Commitment } from "../../../base/crypto/index.node.ts";
import type { Random } from "../../../base/port/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";

/** Which side of the model a commitment is about: the same tensors give different commitments on each. */
export type Side = "inputs" | "outputs";

/** Gives the salt of one request. */
export type Salts = (requestId: string) => Uint8Array;

/** Derived when there is a key, fresh random bytes otherwise. */
export function createSalts(random: Random, key: Uint8Array | undefined): Salts {
  if (key === undefined) return createFreshSalts(random);
  const derive = nativeSaltDeriver(key);
  return (requestId) => derive("inference", requestId);
}

/** Drawn many at a time: a call into the generator costs more than the bytes. No salt is given twice. */
function createFreshSalts(random: Random): Salts {
  const drawn = 64;
  let pool: Uint8Array = new Uint8Array(0);
  return () => {
    if (pool.length === 0) pool = random.bytes(32 * drawn);
    const salt = pool.slice(0, 32);
    pool = pool.subarray(32);
    return salt;
  };
}

/**
 * Commits to tensors in the order of their names (by UTF-16 unit). Canonical form, lengths little-endian: the line
 * `modelkeep/<side>/v1`, then for each tensor its name and type (u32 length, UTF-8), rank (u32), dims (u64 each), and data (u64
 * length, row-major little-endian elements; strings as u32 length and UTF-8 each).
 *
 * @example
 * commitTensors(salt, "inputs", { x: { type: "float32", dims: [1, 2], data } }) === entry.evidence.detail.commitments.inputs;
 */
export function commitTensors(salt: Uint8Array, side: Side, tensors: Readonly<Record<string, Tensor>>): Commitment {
  const parts: Uint8Array[] = [headings[side]];
  for (const name of Object.keys(tensors).sort()) {
    const tensor = tensors[name]!;
    const data = tensor.strings === undefined ? tensor.data : bytesOf(tensor.strings);
    parts.push(headOf(name, tensor, data.length), data);
  }
  return nativeCommit(salt, ...parts);
}

const headings = { inputs: Buffer.from("modelkeep/inputs/v1\n"), outputs: Buffer.from("modelkeep/outputs/v1\n") };

function headOf(name: string, { type, dims }: Tensor, dataBytes: number): Uint8Array {
  const nameBytes = Buffer.byteLength(name);
  const head = Buffer.allocUnsafe(20 + nameBytes + type.length + 8 * dims.length);
  let at = head.writeUInt32LE(nameBytes, 0);
  at += head.write(name, at);
  at = head.writeUInt32LE(type.length, at);
  at += head.write(type, at, "latin1");
  at = head.writeUInt32LE(dims.length, at);
  for (const dim of dims) at = writeUInt64(head, dim, at);
  writeUInt64(head, dataBytes, at);
  return head;
}

function bytesOf(strings: readonly string[]): Uint8Array {
  let bytes = 0;
  for (const text of strings) bytes += 4 + Buffer.byteLength(text);
  const out = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const text of strings) {
    const written = out.write(text, at + 4);
    at = out.writeUInt32LE(written, at) + written;
  }
  return out;
}

// Two halves instead of a BigInt: sizes stay below 2^53.
function writeUInt64(into: Buffer, value: number, at: number): number {
  into.writeUInt32LE(value >>> 0, at);
  return into.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}
