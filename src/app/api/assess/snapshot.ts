/** What is kept of a run that may be stopped: typed arrays as base64 in JSON, so that it can be read by anything. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { Snapshot } from "../../../lab/assess/index.ts";
import type {} from "../errors.ts";

const kinds = { Uint8Array, Int32Array, Float32Array, Float64Array } as const;

export function writeSnapshot(snapshot: Snapshot): string {
  return JSON.stringify(snapshot, (_key, value: unknown) => {
    const kind = Object.entries(kinds).find(([, make]) => value instanceof make)?.[0];
    if (kind !== undefined) {
      const { buffer, byteOffset, byteLength } = value as Uint8Array;
      return { $array: kind, base64: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
    }
    return typeof value === "number" && !Number.isFinite(value) ? { $number: String(value) } : value;
  });
}

/** @throws api/bad-data */
export function readSnapshot(text: string, file: string): Snapshot {
  try {
    return JSON.parse(text, (_key, value: unknown) => {
      if (typeof value !== "object" || value === null) return value;
      const { $array, $number, base64 } = value as { $array?: keyof typeof kinds; $number?: string; base64?: string };
      if ($number !== undefined) return Number($number);
      if ($array === undefined) return value;
      const bytes = new Uint8Array(Buffer.from(base64 ?? "", "base64"));
      return new kinds[$array](bytes.buffer);
    }) as Snapshot;
  } catch (cause) {
    throw new ModelkeepError("api/bad-data", {
      message: `${quote(file, 160)} holds no assessment to go on with`,
      hint: "give the folder below runs/ that `modelkeep assess` named",
      exit: 4,
      status: 400,
      cause,
    });
  }
}
