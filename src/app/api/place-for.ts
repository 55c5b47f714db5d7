import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";

/** The folder of a file to be written: it is made now, because an hour later is too late to hear that it cannot be. */
export async function placeFor(out: string): Promise<void> {
  try {
    await mkdir(dirname(out), { recursive: true });
  } catch (cause) {
    throw new ModelkeepError("api/bad-input", {
      message: `${quote(out, 200)} cannot be written: ${(cause as NodeJS.ErrnoException).code}`,
      hint: "give --out a place in a folder that this user may write to",
      exit: 4,
      status: 400,
      cause,
    });
  }
}
