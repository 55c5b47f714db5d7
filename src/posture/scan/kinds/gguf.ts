import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import { malformed, refused } from "../refuse.ts";

export interface GgufFacts {
  readonly version: number;
  /** Keys whose values are templates, with their text. */
  readonly templates: readonly { readonly key: string; readonly text: string }[];
  readonly tensors: number;
}

declare module "../subject.ts" {
  interface Subjects {
    /** Texts that programs render with Jinja, in whatever file they stand. */
    "chat-templates": { readonly templates: GgufFacts["templates"] };
  }
}

/** GGUF (ggml `docs/gguf.md`), versions 2 and 3, little end first: keys and values, then where the tensors lie. */
export const gguf = defineKind({
  id: "gguf",
  title: "GGUF language model",
  family: "model",
  order: 30,
  sniff: ({ text }) => text.startsWith("GGUF"),
  open: (source) => ({ subjects: [{ type: "chat-templates", value: read(source) }] }),
});

const maxEntries = 1 << 20;
const maxString = 1 << 24;
const scalarBytes = [1, 1, 2, 2, 4, 4, 4, 1, -1, -2, 8, 8, 8];

class Reader {
  private readonly source: ByteSource;
  at = 4;
  constructor(source: ByteSource) {
    this.source = source;
  }

  private view(length: number): DataView {
    const bytes = this.source.read(this.at, length);
    if (bytes.length < length) throw malformed("its header is cut short", `byte ${this.at}`);
    this.at += length;
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  u32(): number {
    return this.view(4).getUint32(0, true);
  }

  u64(): number {
    const value = this.view(8).getBigUint64(0, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(`a length of ${value} overflows`, `byte ${this.at - 8}`);
    return Number(value);
  }

  skip(length: number): void {
    if (this.at + length > this.source.sizeBytes) throw malformed("a value reaches past the end", `byte ${this.at}`);
    this.at += length;
  }

  string(): string {
    const length = this.u64();
    if (this.at + length > this.source.sizeBytes)
      throw malformed(`a string of ${length} bytes reaches past the end`, `byte ${this.at}`);
    if (length > maxString) throw refused(`a string has ${length} bytes`);
    const view = this.view(length);
    return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset, length));
  }
}

function read(source: ByteSource): GgufFacts {
  const reader = new Reader(source);
  const version = reader.u32();
  if (version < 2 || version > 3) throw malformed(`version ${version} of the format is not known`);
  const [tensors, pairs] = [reader.u64(), reader.u64()];
  if (tensors > maxEntries || pairs > maxEntries) throw malformed(`it says that it has ${tensors} tensors and ${pairs} values`);
  const templates: { key: string; text: string }[] = [];
  for (let i = 0; i < pairs; i++) {
    const key = reader.string();
    value(reader, reader.u32(), {
      depth: 0,
      onText: (text) => {
        // Programs look for a template under several names; whatever is written like one is taken for one.
        if ((/template/i.test(key) || /\{[{%]/.test(text)) && templates.length < 10_000) templates.push({ key, text });
      },
    });
  }
  for (let i = 0; i < tensors; i++) tensorAt(reader, source.sizeBytes);
  return { version, templates, tensors };
}

interface Passing {
  readonly depth: number;
  readonly onText: (text: string) => void;
}

/** Passes over a value, with every string in it. */
function value(reader: Reader, type: number, { depth, onText }: Passing): void {
  const bytes = scalarBytes[type];
  if (bytes === undefined || depth > 4) throw malformed(`a value has type ${type}`, `byte ${reader.at}`);
  if (bytes > 0) reader.skip(bytes);
  if (bytes === -1) onText(reader.string());
  if (bytes !== -2) return;
  const [inner, count] = [reader.u32(), reader.u64()];
  const width = scalarBytes[inner];
  if (width === undefined) throw malformed(`an array has type ${inner}`, `byte ${reader.at}`);
  if (width > 0) reader.skip(width * count);
  else for (let i = 0; i < count; i++) value(reader, inner, { depth: depth + 1, onText });
}

function tensorAt(reader: Reader, sizeBytes: number): void {
  const name = reader.string();
  const rank = reader.u32();
  if (rank > 8) throw malformed(`tensor ${name} has ${rank} dimensions`);
  let elements = 1;
  for (let i = 0; i < rank; i++) elements *= reader.u64();
  if (!Number.isSafeInteger(elements)) throw malformed(`the shape of tensor ${name} overflows`);
  reader.u32();
  const offset = reader.u64();
  if (offset > sizeBytes) throw malformed(`tensor ${name} lies past the end`);
}
