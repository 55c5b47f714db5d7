/** Values of columnar formats (Parquet, Arrow) as cells. */

import { quote } from "../../../base/error/index.ts";
import type { Cell, Origin } from "./table.ts";
import { badRow } from "./table.ts";

/**
 * Numbers, booleans and text stay; 64-bit integers become numbers where a number holds them exactly and digits where not; dates become ISO 8601
 * (UTC); "not a number" is missing; lists of numbers become arrays.
 *
 * @throws data/bad-row for what is none of these
 */
export function cellOfValue(value: unknown, at: { readonly from: Origin; readonly column: string; readonly row: number }): Cell {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return value;
    case "number":
      return Number.isNaN(value) ? null : value;
    case "bigint":
      return fromBigInt(value);
    default:
      return fromObject(value, at);
  }
}

const fromBigInt = (value: bigint): Cell => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
};

function fromObject(value: unknown, at: { readonly from: Origin; readonly column: string; readonly row: number }): Cell {
  if (value === null) return null;
  if (value instanceof Date) {
    if (Number.isNaN(value.valueOf()))
      throw badRow(at.from, at.row, `${quote(at.column)} is a date beyond all calendars`, "correct the row");
    return value.toISOString();
  }
  const numbers = numbersIn(value);
  if (numbers !== undefined) return numbers;
  const what = `${quote(at.column)} is neither a plain value nor a list of numbers`;
  throw badRow(at.from, at.row, what, "give each value a column of its own, or leave the column out of `features`");
}

/** The numbers of nested lists in row-major order, or undefined when something else is in them. */
function numbersIn(value: unknown, depth = 0): number[] | undefined {
  if (!isList(value) || depth > 16) return undefined;
  const found: number[] = [];
  for (const item of value) {
    if (typeof item === "number") found.push(item);
    else if (typeof item === "bigint") {
      const number = Number(item);
      if (!Number.isSafeInteger(number)) return undefined;
      found.push(number);
    } else {
      const inner = numbersIn(item, depth + 1);
      if (inner === undefined) return undefined;
      for (const number of inner) found.push(number);
    }
  }
  return found;
}

/** Arrays, typed arrays, and Arrow's vectors. */
function isList(value: unknown): value is Iterable<unknown> {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return !(value instanceof DataView);
  return typeof value === "object" && value !== null && Symbol.iterator in value && "length" in value;
}
