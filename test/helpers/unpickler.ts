/** The abstract unpickler beside CPython's own two, on streams that `test/interop/python/unpickler_events.py` makes up. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { bytesSource } from "../../src/posture/scan/index.ts";
import { Input } from "../../src/posture/scan/pickle/input.ts";
import type { Dialect } from "../../src/posture/scan/pickle/input.ts";
import { Machine } from "../../src/posture/scan/pickle/machine.ts";
import { codes } from "../../src/posture/scan/pickle/ops/table.ts";
import { PyByteArray, PyBytes, PyBuffer, PyDict, PyFloat, PyList, PySet, PyTuple } from "../../src/posture/scan/pickle/values.ts";
import type { Value } from "../../src/posture/scan/pickle/values.ts";

interface Outcome {
  readonly events: readonly string[];
  readonly error?: string;
  readonly end?: number;
  readonly value?: string;
}

interface Stream {
  readonly hex: string;
  readonly buffers: number | null;
  /** Null where memory ran out. */
  readonly c: Outcome | null;
  readonly python: Outcome | null;
  /** That `pickletools` counts up to STOP; null where it stops before. */
  readonly opcodes: number | null;
}

export interface Disagreement {
  readonly dialect: Dialect;
  readonly hex: string;
  readonly theirs: Outcome;
  readonly ours: Outcome;
}

function ours(bytes: Uint8Array, dialect: Dialect, buffers: number | null): Outcome & { readonly opcodes: number } {
  const events: string[] = [];
  const machine = new Machine({
    input: new Input(bytesSource(bytes), 0, dialect),
    ...(buffers === null ? {} : { buffers }),
    listener: {
      global: ({ module, name }) => events.push(`global ${module} ${name}`),
      call: ({ isNew }) => events.push(isNew ? "new" : "call"),
      build: () => events.push("build"),
      mutate: (_target, method) => events.push(method),
      persistent: () => events.push("persistent"),
      extension: () => undefined,
    },
  });
  const { failure, position, value, opcodes } = machine.run();
  return failure === undefined
    ? { events, end: position, value: told(value as Value, 2), opcodes }
    : { events, error: failure, opcodes };
}

function told(value: Value, depth: number): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" || typeof value === "bigint") return `int ${BigInt(value)}`;
  if (value instanceof PyFloat) return floatText(value.value);
  if (typeof value === "string") return `str ${hexOf(value)}`;
  if (value instanceof PyBytes) return `bytes ${value.length}`;
  if (value instanceof PyBuffer) return value.view ? "other" : "bytes 2";
  if (value instanceof PyByteArray) return `bytearray ${value.length}`;
  if (value instanceof PyList || value instanceof PyTuple) {
    const name = value instanceof PyList ? "list" : "tuple";
    const inside = depth === 0 ? "" : ` [${value.items.map((item) => told(item, depth - 1)).join(", ")}]`;
    return `${name} ${value.items.length}${inside}`;
  }
  if (value instanceof PyDict) return "dict";
  if (value instanceof PySet) return value.frozen ? "frozenset" : "set";
  return "other";
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return `float ${view.getBigUint64(0).toString(16).padStart(16, "0")}`;
}

/** UTF-8 with lone surrogates as three bytes, as Python's `surrogatepass`. */
function hexOf(text: string): string {
  return Array.from(text, (char) => {
    const code = char.codePointAt(0)!;
    if (code < 0xd800 || code > 0xdfff) return Buffer.from(char).toString("hex");
    return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)]).toString("hex");
  }).join("");
}

/** Every difference between the machine and CPython on `count` streams of a seed, with what was compared. */
export function compareUnpicklers(
  python: string,
  seed: number,
  count: number,
): { compared: number; succeeded: number; different: Disagreement[] } {
  const script = join(import.meta.dirname, "../interop/python/unpickler_events.py");
  const [first, ...lines] = execFileSync(python, [script, String(seed), String(count)], { encoding: "utf8", maxBuffer: 1 << 30 })
    .trimEnd()
    .split("\n");
  const different: Disagreement[] = [];
  const table = (JSON.parse(first!) as { opcodes: Record<string, number> }).opcodes;
  if (JSON.stringify(sorted(table)) !== JSON.stringify(sorted(codes)))
    throw new Error("the table of opcodes is not that of pickletools");
  let [compared, succeeded] = [0, 0];
  for (const line of lines) {
    const stream = JSON.parse(line) as Stream;
    const bytes = new Uint8Array(Buffer.from(stream.hex, "hex"));
    for (const dialect of ["c", "python"] as const) {
      const theirs = stream[dialect];
      if (theirs === null) continue;
      const mine = ours(bytes, dialect, stream.buffers);
      compared++;
      if (theirs.end !== undefined) succeeded++;
      const isSame =
        JSON.stringify(mine.events) === JSON.stringify(theirs.events) && mine.end === theirs.end && mine.value === theirs.value;
      // `pickletools` does not know that `_pickle.c` drops what a frame cuts in two.
      const counts = dialect === "c" || theirs.end === undefined || stream.opcodes === null || stream.opcodes === mine.opcodes;
      if (!isSame || !counts) different.push({ dialect, hex: stream.hex, theirs, ours: mine });
    }
  }
  return { compared, succeeded, different };
}

const sorted = (table: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(table).toSorted(([a], [b]) => (a < b ? -1 : 1));
