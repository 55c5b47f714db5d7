/** numpy's array-protocol type strings, such as `<f4`: byte order, kind, width (numpy reference, "Array interface"). */

import type { DataType } from "../tensor.ts";
import { unsupported } from "../refuse.ts";

/** How the elements of an array lie in its file. */
export interface Layout {
  readonly type: DataType;
  /** Bytes of one element in the file; for text the width of the longest string. */
  readonly width: number;
  readonly bigEndian: boolean;
  /** `S` is bytes, `U` is UTF-32; undefined for numbers. */
  readonly text?: "S" | "U";
}

const numbers: Readonly<Record<string, DataType>> = {
  b1: "bool",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
  c8: "complex64",
  c16: "complex128",
};

const codes = new Map(Object.entries(numbers).map(([code, type]) => [type, code]));

/** Why a kind of numpy's is refused, and what its owner does about it. */
const refusals: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  O: ["is an object array, a pickled Python program", "store numbers or fixed-width text: `np.save(path, x.astype('float32'))`"],
  V: ["holds raw or structured records", "store each field as an array of its own; bfloat16 as `x.astype('float32')`"],
  M: ["holds dates", "store them as numbers: `x.astype('int64')`"],
  m: ["holds time differences", "store them as numbers: `x.astype('int64')`"],
};

/**
 * The layout behind a type string.
 * @throws data/unsupported
 */
export function parseDescr(descr: string, file: string): Layout {
  const match = /^([<>|])([a-zA-Z])(\d{0,9})(?:\[[^\]]*\])?$/.exec(descr);
  const [, order = "", kind = "", width = ""] = match ?? [];
  const refusal = refusals[kind];
  if (refusal !== undefined) throw unsupported(file, `the array ${refusal[0]} (\`${kind}\`)`, refusal[1]);
  if (kind === "S" && width !== "") return { type: "string", width: Number(width), bigEndian: false, text: "S" };
  if (kind === "U" && width !== "") return { type: "string", width: Number(width) * 4, bigEndian: order === ">", text: "U" };
  const code = `${kind}${width}`;
  const type = Object.hasOwn(numbers, code) ? numbers[code] : undefined;
  // Only single bytes have no order.
  if (match === null || type === undefined || (order === "|" && width !== "1")) {
    const known = Object.keys(numbers).join(", ");
    throw unsupported(
      file,
      `the element type \`${descr.slice(0, 32)}\` is none that a model takes`,
      `convert it with astype to one of ${known}`,
    );
  }
  return { type, width: Number(width), bigEndian: order === ">" };
}

/** The type string under which a type is written, or undefined for those that numpy has no numbers for. */
export function descrOf(type: DataType): string | undefined {
  const code = codes.get(type);
  if (code === undefined) return undefined;
  return code.endsWith("1") ? `|${code}` : `<${code}`;
}
