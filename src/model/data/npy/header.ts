/**
 * The header of a .npy file (NEP 1, numpy.lib.format): magic, version, length, and a Python dictionary literal of exactly three
 * keys. numpy reads the literal with `ast.literal_eval`; here a grammar of strings, booleans and tuples of integers, nothing else.
 */

import { quote } from "../../../base/error/index.ts";
import { countOf, widthOf } from "../tensor.ts";
import { malformed, unsupported } from "../refuse.ts";
import type { Layout } from "./dtype.ts";
import { parseDescr } from "./dtype.ts";

export interface NpyHeader {
  readonly layout: Layout;
  readonly fortranOrder: boolean;
  readonly dims: readonly number[];
  readonly count: number;
  /** Where the elements begin. */
  readonly dataStart: number;
}

/** "\x93NUMPY", two bytes of version, two or four of length. */
const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);

/** numpy itself refuses literals over 10,000 characters (`max_header_size`); version 1 cannot say more than 65,535. */
const maxHeaderBytes = 65_536;

/** numpy's own `NPY_MAXDIMS`, since 2.0. */
const maxDims = 64;

/** Whether bytes begin as a .npy file does. */
export const isNpy = (bytes: Uint8Array): boolean => magic.every((byte, i) => bytes[i] === byte);

/**
 * Reads the header at the start of the bytes.
 * @throws data/malformed, data/unsupported
 */
export function readHeader(bytes: Uint8Array, file: string): NpyHeader {
  if (!isNpy(bytes)) throw malformed(file, "this is not a .npy file", { hint: "write it with `np.save(path, array)`" });
  const version = bytes[6] ?? 0;
  const lengthBytes = version === 1 ? 2 : 4;
  if (version < 1 || version > 3 || bytes[7] !== 0) {
    throw unsupported(file, `.npy version ${version}.${bytes[7] ?? 0} is not 1.0, 2.0 or 3.0`, "write it again with `np.save`");
  }
  const start = 8 + lengthBytes;
  if (bytes.length < start) throw malformed(file, "it ends inside its header", { where: `byte ${bytes.length}` });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = lengthBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderBytes) throw malformed(file, `its header claims ${length} bytes`, { where: "byte 8" });
  if (bytes.length < start + length) throw malformed(file, "it ends inside its header", { where: `byte ${bytes.length}` });
  // Versions 1 and 2 are Latin-1, 3 is UTF-8; they differ only inside field names, which only refused structured types have.
  const literal = new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
  return { ...interpret(new Literal(literal, file, start).dictionary(), file), dataStart: start + length };
}

function interpret(found: Map<string, Value>, file: string): Omit<NpyHeader, "dataStart"> {
  const [descr, fortranOrder, dims] = ["descr", "fortran_order", "shape"].map((key) => found.get(key));
  const keysFit = found.size === 3 && typeof fortranOrder === "boolean" && Array.isArray(dims);
  if (!keysFit || typeof descr !== "string") {
    throw malformed(file, "its header is not `{'descr': text, 'fortran_order': bool, 'shape': tuple}`");
  }
  const layout = parseDescr(descr, file);
  if (dims.length > maxDims) throw malformed(file, `its shape has ${dims.length} dimensions, numpy allows ${maxDims}`);
  const count = countOf(dims);
  const width = Math.max(1, layout.width, widthOf(layout.type));
  if (count === undefined || !Number.isSafeInteger(count * width)) {
    throw malformed(file, `its shape (${dims.slice(0, 8).join(", ")}) multiplies to more than 2^53 bytes`);
  }
  return { layout, fortranOrder, dims, count };
}

type Value = string | boolean | number[];

/** A reader of the one Python literal that numpy writes. */
class Literal {
  readonly #text: string;
  readonly #file: string;
  readonly #offset: number;
  #at = 0;

  constructor(text: string, file: string, offset: number) {
    this.#text = text;
    this.#file = file;
    this.#offset = offset;
  }

  dictionary(): Map<string, Value> {
    const found = new Map<string, Value>();
    this.#take(/\s*\{\s*/y, "`{`");
    while (!this.#skip(/\}\s*/y)) {
      const key = this.#string();
      if (found.has(key)) throw this.#broken(`a second ${quote(key)}`);
      this.#take(/\s*:\s*/y, "`:`");
      found.set(key, this.#value());
      if (!this.#skip(/\s*,\s*/y) && !/\s*\}/y.test(this.#text.slice(this.#at))) throw this.#broken("no `,` or `}`");
      this.#skip(/\s+/y);
    }
    // numpy pads with spaces to a multiple of 64 and ends with a line feed.
    if (this.#at !== this.#text.length) throw this.#broken("text after the dictionary");
    return found;
  }

  #value(): Value {
    const word = this.#skip(/True|False/y);
    if (word !== undefined) return word === "True";
    if (this.#skip(/\(\s*/y) !== undefined) return this.#tuple();
    if (this.#text[this.#at] === "[") {
      throw unsupported(this.#file, "the array is structured, a table of records", "store each field as an array of its own");
    }
    return this.#string();
  }

  #tuple(): number[] {
    const items: number[] = [];
    while (this.#skip(/\)/y) === undefined) {
      // Python 2 wrote long integers with an L.
      const item = Number.parseInt(this.#take(/\d{1,16}L?(?!\w)\s*/y, "a dimension"), 10);
      if (!Number.isSafeInteger(item)) throw this.#broken("a dimension over 2^53");
      items.push(item);
      const comma = this.#skip(/,\s*/y);
      if (comma === undefined && this.#text[this.#at] !== ")") throw this.#broken("no `,` or `)`");
      // `(3)` is a number in Python, not a tuple.
      if (comma === undefined && items.length === 1) throw this.#broken("a shape that is no tuple");
    }
    return items;
  }

  #string(): string {
    return this.#take(/'[^'\\\n]*'|"[^"\\\n]*"/y, "a string").slice(1, -1);
  }

  #skip(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match[0];
  }

  #take(pattern: RegExp, what: string): string {
    const found = this.#skip(pattern);
    if (found === undefined) throw this.#broken(`no ${what}`);
    return found;
  }

  #broken(what: string): Error {
    return malformed(this.#file, `its header has ${what}`, { where: `byte ${this.#offset + this.#at}` });
  }
}
