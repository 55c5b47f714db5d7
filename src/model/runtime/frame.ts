/**
 * What a session's host and its owner say to each other, and its bytes on a pipe. Numbers are little-endian.
 *
 *   prefix  u32 head bytes · u32 zero · f64 data bytes
 *   head    u8 kind · u32 id · f64 ms · text · u16 tensor count · per tensor: name · u8 type · u8 rank · f64 dims[rank] · f64 data bytes
 *   data    each tensor's bytes in turn, each starting at a multiple of 8; strings as (u32 length · UTF-8) one after another
 *
 * Text and names are u32 length · UTF-8. A thread gets the {@link Frame} itself by structured clone.
 */
import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { ElementType } from "../onnx/index.ts";
import { exchangeableTypes, exchangeBytes } from "./ort.ts";
import type { NamedTensor } from "./session.ts";

const kinds = ["hello", "open", "opened", "run", "ran", "failed", "close", "write", "read"] as const;

export type FrameKind = (typeof kinds)[number];

export interface Frame {
  readonly kind: FrameKind;
  /** Ties an answer to its question. */
  readonly id: number;
  /** Time spent inside ONNX Runtime, in an answer; 0 otherwise. */
  readonly ms: number;
  /** Options, facts, names or an error as JSON; the wanted outputs of a run as JSON, empty for all of the one model. */
  readonly text: string;
  readonly tensors: readonly NamedTensor[];
}

/** Bytes before each frame's head. */
export const prefixBytes = 16;

/** The largest head that is read: names, shapes and JSON texts, never tensor data. */
export const maxHeadBytes = 4 * 1024 * 1024;

const align = (bytes: number): number => Math.ceil(bytes / 8) * 8;
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const padding = new Uint8Array(8);

/** The frame as byte blocks to write in order. Tensor data is not copied. */
export function encodeFrame(frame: Frame): Uint8Array[] {
  const text = utf8.encode(frame.text);
  const names = frame.tensors.map((tensor) => utf8.encode(tensor.name));
  const blocks = frame.tensors.map((tensor) => (tensor.type === "string" ? encodeStrings(tensor.strings ?? []) : tensor.data));
  let headBytes = 1 + 4 + 8 + 4 + text.length + 2;
  for (const [i, tensor] of frame.tensors.entries()) headBytes += 4 + names[i]!.length + 2 + 8 * tensor.dims.length + 8;

  const start = new Uint8Array(prefixBytes + headBytes);
  const view = new DataView(start.buffer);
  view.setUint32(0, headBytes, true);
  view.setFloat64(
    8,
    blocks.reduce((sum, block) => sum + align(block.length), 0),
    true,
  );
  let at = prefixBytes;
  const put = (bytes: Uint8Array): void => {
    view.setUint32(at, bytes.length, true);
    start.set(bytes, at + 4);
    at += 4 + bytes.length;
  };
  view.setUint8(at, kinds.indexOf(frame.kind));
  view.setUint32(at + 1, frame.id, true);
  view.setFloat64(at + 5, frame.ms, true);
  at += 13;
  put(text);
  view.setUint16(at, frame.tensors.length, true);
  at += 2;
  for (const [i, tensor] of frame.tensors.entries()) {
    put(names[i]!);
    view.setUint8(at, exchangeableTypes.indexOf(tensor.type));
    view.setUint8(at + 1, tensor.dims.length);
    at += 2;
    for (const dim of tensor.dims) {
      view.setFloat64(at, dim, true);
      at += 8;
    }
    view.setFloat64(at, blocks[i]!.length, true);
    at += 8;
  }

  const out: Uint8Array[] = [start];
  for (const block of blocks) {
    if (block.length > 0) out.push(block);
    const pad = align(block.length) - block.length;
    if (pad > 0) out.push(padding.subarray(0, pad));
  }
  return out;
}

function encodeStrings(strings: readonly string[]): Uint8Array {
  const encoded = strings.map((text) => utf8.encode(text));
  const out = new Uint8Array(encoded.reduce((sum, bytes) => sum + 4 + bytes.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const bytes of encoded) {
    view.setUint32(at, bytes.length, true);
    out.set(bytes, at + 4);
    at += 4 + bytes.length;
  }
  return out;
}

/**
 * Sizes of what follows a prefix.
 * @throws runtime/bad-frame when they are beyond what the reader takes
 */
export function decodePrefix(prefix: Uint8Array, maxDataBytes: number): { headBytes: number; dataBytes: number } {
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefixBytes);
  const headBytes = view.getUint32(0, true);
  const dataBytes = view.getFloat64(8, true);
  if (view.getUint32(4, true) !== 0 || headBytes > maxHeadBytes) throw badFrame(`a head of ${headBytes} bytes`);
  if (!Number.isSafeInteger(dataBytes) || dataBytes < 0 || dataBytes % 8 !== 0) throw badFrame(`a data size of ${dataBytes}`);
  if (dataBytes > maxDataBytes) throw badFrame(`${dataBytes} bytes of data, at most ${maxDataBytes} are taken`);
  return { headBytes, dataBytes };
}

/**
 * A frame from its head and data. Tensor data are views into `data`.
 * @throws runtime/bad-frame for anything that {@link encodeFrame} would not have written
 */
export function decodeFrame(head: Uint8Array, data: Uint8Array): Frame {
  const reader = headReader(head);
  const kind = kinds[reader.u8()];
  if (kind === undefined) throw badFrame("an unknown kind of frame");
  const id = reader.u32();
  const ms = reader.f64();
  if (!(ms >= 0 && ms < Number.MAX_SAFE_INTEGER)) throw badFrame(`a time of ${ms} ms`);
  const text = reader.text();
  const tensors: NamedTensor[] = [];
  let used = 0;
  for (let left = reader.u16(); left > 0; left--) {
    const tensor = readTensor(reader, data, used);
    tensors.push(tensor.tensor);
    used = tensor.end;
  }
  reader.end();
  if (used !== data.length) throw badFrame(`${data.length - used} bytes of data that no tensor owns`);
  return { kind, id, ms, text, tensors };
}

function readTensor(reader: HeadReader, data: Uint8Array, start: number): { tensor: NamedTensor; end: number } {
  const name = reader.text();
  const type = exchangeableTypes[reader.u8()];
  if (type === undefined) throw badFrame("an unknown element type");
  const dims = Array.from({ length: reader.u8() }, () => reader.f64());
  const bytes = reader.f64();
  const end = start + align(bytes);
  if (!Number.isSafeInteger(bytes) || bytes < 0 || end > data.length) throw badFrame(`a tensor of ${bytes} bytes`);
  const block = data.subarray(start, start + bytes);
  if (type !== "string") {
    if (bytesOf(type, dims) !== bytes) throw badFrame(`${bytes} bytes for ${type}[${dims.join(",")}]`);
    return { tensor: { name, type, dims, data: block }, end };
  }
  const strings = decodeStrings(block);
  if (strings.length !== dims.reduce((product, dim) => product * dim, 1))
    throw badFrame("another number of strings than the shape says");
  bytesOf("uint8", dims);
  return { tensor: { name, type, dims, data: new Uint8Array(0), strings }, end };
}

function bytesOf(type: ElementType, dims: readonly number[]): number {
  try {
    return exchangeBytes(type, dims);
  } catch (cause) {
    throw badFrame(`the shape [${dims.join(",")}]`, cause);
  }
}

function decodeStrings(block: Uint8Array): string[] {
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const strings: string[] = [];
  let at = 0;
  while (at < block.length) {
    const length = at + 4 <= block.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    at += 4;
    if (at + length > block.length) throw badFrame("a string that runs past its tensor");
    strings.push(decodeText(block.subarray(at, at + length)));
    at += length;
  }
  return strings;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return fromUtf8.decode(bytes);
  } catch (cause) {
    throw badFrame("text that is not UTF-8", cause);
  }
}

interface HeadReader {
  u8(): number;
  u16(): number;
  u32(): number;
  f64(): number;
  text(): string;
  end(): void;
}

function headReader(head: Uint8Array): HeadReader {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  let at = 0;
  const take = (bytes: number): number => {
    if (at + bytes > head.length) throw badFrame("a head that ends early");
    at += bytes;
    return at - bytes;
  };
  const u32 = (): number => view.getUint32(take(4), true);
  return {
    u8: () => view.getUint8(take(1)),
    u16: () => view.getUint16(take(2), true),
    u32,
    f64: () => view.getFloat64(take(8), true),
    text() {
      const length = u32();
      const start = take(length);
      return decodeText(head.subarray(start, start + length));
    },
    end() {
      if (at !== head.length) throw badFrame("a head with bytes left over");
    },
  };
}

function badFrame(what: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("runtime/bad-frame", {
    message: `a worker process sent ${what}`,
    hint: "the process is stopped and replaced; if this repeats without a hostile model, report it",
    status: 503,
    cause,
  });
}
