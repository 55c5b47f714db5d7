/** Rows of named cells, each knowing its line: what CSV and JSONL have in common. */

import { concatBytes } from "../../../base/crypto/index.ts";
import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import { malformed, place } from "../refuse.ts";
import type { ByteSource } from "./source.ts";

/** A value as its file has it; CSV knows only text. undefined and null are missing. */
export type Cell = string | number | boolean | null | undefined | readonly number[];

export interface Row {
  /** Where the row begins in its file, counted from 1. */
  readonly line: number;
  /** In the order of the columns that were asked for. */
  readonly cells: readonly Cell[];
}

/** A table that can be read again from its beginning, and never has to fit into memory. */
export interface Table {
  readonly name: string;
  /** What a row's number counts, for messages; lines when left out. */
  readonly unit?: "line" | "row";
  /** Names of the columns, in the order of the file. */
  columns(): Promise<readonly string[]>;
  /**
   * The rows in blocks, cells in the order of `columns`.
   * @throws data/bad-row for a row that does not fit, data/malformed, data/unknown-name when the file has other columns
   */
  rows(columns: readonly string[]): AsyncIterable<readonly Row[]>;
}

/** Where rows come from, as messages name it. */
export type Origin = Pick<Table, "name" | "unit">;

/** `data/bad-row`, naming file and line. */
export function badRow({ name, unit = "line" }: Origin, line: number, what: string, hint: string): ModelkeepError {
  return new ModelkeepError("data/bad-row", { message: `${place(name, `${unit} ${line}`)}: ${what}`, hint, status: 400 });
}

/** Longest row or line, in characters. Nothing longer is a row; it is a quote that was never closed. */
export const maxRowLength = 2 ** 20 * 16;

/**
 * UTF-8 as text, piece by piece, without a byte order mark.
 * @throws data/malformed naming the line of the first byte that is none
 */
export async function* textOf(source: ByteSource): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  // A letter that is not finished yet; needed only to say where decoding failed.
  let open: Uint8Array = new Uint8Array(0);
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      const [before = ""] = new TextDecoder().decode(concatBytes(open, bytes ?? new Uint8Array(0))).split("\ufffd", 1);
      throw malformed(source.name, "this is not UTF-8", {
        where: `line ${line + breaksIn(before)}`,
        hint: "save the file as UTF-8",
      });
    }
  };
  for await (const bytes of source.chunks()) {
    const text = decode(bytes);
    yield text;
    line += breaksIn(text);
    open = openLetter(concatBytes(open, bytes.subarray(-4)));
  }
  yield decode(undefined);
}

/** The bytes of a last letter, from its first on (RFC 3629, section 3); none when the text ends in ASCII. */
function openLetter(bytes: Uint8Array): Uint8Array {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - 4) && bytes[at]! >= 0x80; at--) {
    if (bytes[at]! >= 0xc0) return bytes.slice(at);
  }
  return new Uint8Array(0);
}

/** How many line feeds a text has. */
export function breaksIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
