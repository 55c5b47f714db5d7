/** Cells as numbers. */

import type { Cell } from "./table.ts";

/** What JSON, CSV writers and people agree to call a number; neither hexadecimal nor infinity, which `Number` would take. */
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number in a cell, or undefined when it is none, or too large for float32. */
export function numberOf(cell: Cell): number | undefined {
  const value =
    typeof cell === "number" ? cell : typeof cell === "string" && decimal.test(cell.trim()) ? Number(cell) : undefined;
  return value !== undefined && Number.isFinite(Math.fround(value)) ? value : undefined;
}

/** 1 or 0 for a cell that says true or false in any usual way, or undefined. */
export function truthOf(cell: Cell): 0 | 1 | undefined {
  const word = typeof cell === "string" ? cell.trim().toLowerCase() : cell;
  if (word === true || word === 1 || word === "true" || word === "1") return 1;
  return word === false || word === 0 || word === "false" || word === "0" ? 0 : undefined;
}

/** Whether a cell has no value. */
export function isMissing(cell: Cell, words: ReadonlySet<string>): boolean {
  if (cell === null || cell === undefined) return true;
  return typeof cell === "string" && (cell.trim() === "" || words.has(cell.trim()));
}

/** A cell as the word that a category compares. */
export const wordOf = (cell: Cell): string => (typeof cell === "string" ? cell.trim() : String(cell));
