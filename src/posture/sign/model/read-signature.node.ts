import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { maxEnvelopeBytes } from "../envelope/dsse.ts";
import { malformed } from "../envelope/json.ts";

/**
 * A signature file's bytes, never more than a bundle may have.
 * @throws `sign/malformed-bundle`, `sign/bad-path`
 */
export function readSignature(path: string): Uint8Array {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(path, (cause as NodeJS.ErrnoException).code ?? "unknown cause", cause);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw unreadable(path, "it is no file");
    if (stats.size > maxEnvelopeBytes) throw malformed("sign/malformed-bundle", `the bundle has ${stats.size} bytes`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unreadable(path: string, why: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("sign/bad-path", {
    message: `the signature ${quote(path, 160)} cannot be read: ${why}`,
    hint: "name a bundle that `modelkeep sign` or model-signing wrote",
    cause,
    exit: 4,
  });
}
