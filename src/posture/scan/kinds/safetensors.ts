import { copyOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import { malformed, refused } from "../refuse.ts";

export interface SafetensorsFacts {
  readonly tensors: number;
  /** Sentences about where the header breaks the format's rules. */
  readonly breaches: readonly string[];
}

declare module "../subject.ts" {
  interface Subjects {
    safetensors: SafetensorsFacts;
  }
}

/** The format's own limit (safetensors `MAX_HEADER_SIZE`). */
const maxHeader = 100_000_000;

const widths: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  F64: 64,
  I64: 64,
  U64: 64,
  C64: 64,
};

/** Weights as eight bytes of header length, a JSON object and bytes (huggingface/safetensors, "Format"). */
export const safetensors = defineKind({
  id: "safetensors",
  title: "safetensors weights",
  family: "model",
  order: 70,
  sniff: ({ head, text, sizeBytes }) => sizeBytes >= 10 && /^\{\s*("|\})/.test(text.slice(8, 200)) && lengthOf(head) >= 2,
  open: (source) => ({ subjects: [{ type: "safetensors", value: examine(source) }] }),
});

function lengthOf(head: Uint8Array): number {
  return Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
}

function examine(source: ByteSource): SafetensorsFacts {
  const length = lengthOf(source.read(0, 8).slice());
  if (length > maxHeader) throw refused(`its header says that it has ${length} bytes, more than the format's 100 MB`);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(readHeader(source, length));
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw malformed("its header is no JSON");
  }
  const breaches: string[] = [];
  const names = Object.keys(header);
  const written = countKeys(text);
  if (written > names.length)
    breaches.push(`${written - names.length} names are given twice: two readers take two different tensors`);
  const spans = names.filter((name) => name !== "__metadata__").map((name) => spanOf(name, header[name], breaches));
  checkSpans(
    spans.filter((span) => span !== undefined),
    { end: source.sizeBytes - 8 - length, breaches },
  );
  return { tensors: spans.length, breaches: breaches.slice(0, 100) };
}

function readHeader(source: ByteSource, length: number): Uint8Array {
  if (8 + length > source.sizeBytes) throw malformed(`its header says that it has ${length} bytes, more than the file`);
  return copyOf(source, 8, length);
}

/** Names at the first level, counted as they are written: `JSON.parse` keeps the last of two. */
function countKeys(text: string): number {
  let [depth, count] = [0, 0];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\]]/gs)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && token.endsWith(":")) count++;
  }
  return count;
}

interface Span {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

function spanOf(name: string, value: unknown, breaches: string[]): Span | undefined {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const isSize = (item: unknown): item is number => typeof item === "number" && Number.isSafeInteger(item) && item >= 0;
  const areSizes = (items: unknown): items is number[] => Array.isArray(items) && items.every(isSize);
  const bits = typeof dtype === "string" ? widths[dtype] : undefined;
  if (bits === undefined || !areSizes(shape) || !areSizes(offsets) || offsets.length !== 2) {
    breaches.push(`tensor ${name} has no known type, shape or place`);
    return undefined;
  }
  const [begin, end] = offsets as [number, number];
  const wanted = (shape.reduce((product, dim) => product * dim, 1) * bits) / 8;
  if (!Number.isSafeInteger(Math.ceil(wanted))) breaches.push(`the shape of tensor ${name} overflows`);
  else if (end - begin !== Math.ceil(wanted))
    breaches.push(`tensor ${name} has ${end - begin} bytes, its shape needs ${Math.ceil(wanted)}`);
  return { name, begin, end };
}

/** The format wants every byte in exactly one tensor: no overlap, no hole, no rest. */
function checkSpans(spans: readonly Span[], { end, breaches }: { end: number; breaches: string[] }): void {
  let at = 0;
  for (const span of spans.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (span.begin < at) breaches.push(`tensor ${span.name} overlaps the one before`);
    else if (span.begin > at) breaches.push(`${span.begin - at} bytes before tensor ${span.name} belong to none`);
    at = Math.max(at, span.end);
  }
  if (at > end) breaches.push(`tensors reach ${at - end} bytes past the end`);
  else if (at < end) breaches.push(`${end - at} bytes after the last tensor belong to none`);
}
