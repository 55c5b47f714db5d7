import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { formatBundle } from "../envelope/bundle.ts";
import type { Envelope } from "../envelope/dsse.ts";
import { parsePublicKey } from "../key/public-key.node.ts";
import type { Signer } from "../key/signer.ts";

/** Writes what was signed as a Sigstore bundle, and tells how it names the signer. */
export function writeBundle(path: string, envelope: Envelope, { certificates, publicKey }: Signer): "key" | "certificate" {
  const material =
    certificates.length > 0
      ? ({ method: "certificate", certificates } as const)
      : ({ method: "key", hint: parsePublicKey(publicKey).hint } as const);
  writeWhole(path, formatBundle(envelope, material));
  return material.method;
}

/** There whole or not at all; a signature that was there before is replaced. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.new`);
  const descriptor = openSync(temporary, "wx", 0o644);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
