/** `parameters` of a request, an input or a requested output: names with a string, a number or a boolean each. */
import { quote } from "../../../base/error/index.ts";
import type { JsonCursor } from "./json-cursor.ts";
import { refuse } from "./refuse.ts";

/** A whole number that a double cannot hold comes as a bigint. */
export type ParameterValue = string | number | bigint | boolean;

export type Parameters = ReadonlyMap<string, ParameterValue>;

/** What stands where a request gives none. */
export const noParameters: Parameters = new Map();

/** Longest integer text that is worth an exact reading: no 64-bit integer is longer. */
const longestInteger = 20;

/** Reads a `parameters` object; one that is `null`, or a value that is, counts as not given. */
export function readParameters(cursor: JsonCursor, label: () => string): Parameters {
  if (cursor.word("null")) return noParameters;
  const parameters = new Map<string, ParameterValue>();
  const seen = new Set<string>();
  cursor.object((name) => {
    if (seen.has(name)) throw duplicate(`parameter ${quote(name)} of ${label()}`);
    seen.add(name);
    if (cursor.word("null")) return;
    parameters.set(name, readValue(cursor, name, label));
  });
  return parameters;
}

/** A boolean parameter, or undefined when it is not given. */
export function booleanParameter(parameters: Parameters, name: string, label: () => string): boolean | undefined {
  const value = parameters.get(name);
  if (value === undefined || typeof value === "boolean") return value;
  throw refuse("gateway/bad-request", `parameter \`${name}\` of ${label()} is ${quote(value)}`, "send `true` or `false`");
}

/** A parameter that counts bytes, or undefined when it is not given. */
export function sizeParameter(parameters: Parameters, name: string, label: () => string): number | undefined {
  const value = parameters.get(name);
  if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= 0)) return value;
  throw refuse("gateway/bad-request", `parameter \`${name}\` of ${label()} is ${quote(value)}`, "send a whole number of bytes");
}

/** Refuses what would let a client name memory of this machine, or ask for labels that this server does not have. */
export function refuseExtensions(parameters: Parameters, label: () => string): void {
  for (const name of parameters.keys()) {
    if (name.startsWith("shared_memory_")) {
      throw refuse(
        "gateway/unsupported-extension",
        `${label()} asks for shared memory, which this server does not offer`,
        "send and receive tensors in the body, in JSON or binary form",
      );
    }
    if (name === "classification") {
      throw refuse(
        "gateway/unsupported-extension",
        `${label()} asks for the classification extension, which this server does not offer`,
        "leave `classification` (in tritonclient: `class_count`) out and sort the scores yourself; an operator can set `gateway.release` to top-k or label-only",
      );
    }
  }
}

/** The refusal of a name that stands twice where it may stand once. */
export function duplicate(what: string): Error {
  return refuse("gateway/duplicate-name", `${what} is given twice`, "give each name once");
}

function readValue(cursor: JsonCursor, name: string, label: () => string): ParameterValue {
  const code = cursor.peek();
  if (code === 0x22) return cursor.string();
  if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
    const near = cursor.number();
    if (!cursor.integer || Number.isSafeInteger(near)) {
      if (Number.isFinite(near)) return near;
    } else if (cursor.at - cursor.start <= longestInteger) return BigInt(cursor.text.slice(cursor.start, cursor.at));
  } else if (cursor.word("true")) return true;
  else if (cursor.word("false")) return false;
  throw refuse(
    "gateway/bad-request",
    `parameter ${quote(name)} of ${label()} is neither a string nor a number of 64 bits nor a boolean`,
    "send one value; write lists and objects as JSON inside a string",
  );
}
