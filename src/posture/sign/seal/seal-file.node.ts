import { randomBytes, randomUUID } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, linkSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { badRecipient, newHeader, openHeader } from "./header.node.ts";
import type { OpenWith, SealTo } from "./header.node.ts";
import { chunkBytes, nonceBytes, openPayload, PayloadKey } from "./payload.node.ts";

export interface SealOptions {
  readonly from: string;
  readonly to: string;
  readonly recipients: readonly SealTo[];
  /** Replace what is there. */
  readonly replace?: boolean;
}

/**
 * Encrypts a file of any size to recipients, in constant memory, as an age v1 file: `age -d` opens it, too.
 * @throws `sign/bad-recipient`, NodeJS.ErrnoException (`EEXIST`)
 * @example
 * await sealFile({ from: "model.onnx", to: "model.onnx.age", recipients: ["age1…"] });
 */
export async function sealFile({ from, to, recipients, replace = false }: SealOptions): Promise<{ sizeBytes: number }> {
  if (recipients.length === 0) throw badRecipient("a file is sealed to at least one recipient");
  const { header, fileKey } = await newHeader(recipients);
  const nonce = randomBytes(nonceBytes);
  const key = new PayloadKey(fileKey, nonce);
  fileKey.fill(0);
  const temporary = `${to}.${randomUUID()}.new`;
  const source = openSync(from, "r");
  try {
    const { size } = fstatSync(source);
    const target = openSync(temporary, "wx", 0o644);
    try {
      write(target, header);
      write(target, nonce);
      const buffer = Buffer.allocUnsafeSlow(chunkBytes);
      const count = Math.max(1, Math.ceil(size / chunkBytes));
      for (let index = 0; index < count; index++) {
        const chunk = buffer.subarray(0, fill(source, buffer, Math.min(chunkBytes, size - index * chunkBytes)));
        write(target, key.seal(chunk, index, index === count - 1));
      }
      buffer.fill(0);
      fsyncSync(target);
    } finally {
      closeSync(target);
    }
    if (replace) renameSync(temporary, to);
    else linkSync(temporary, to); // fails when the name is taken, in one step
    return { sizeBytes: size };
  } finally {
    rmSync(temporary, { force: true });
    closeSync(source);
  }
}

/**
 * What is in a sealed file, in memory. Nothing is given out before all of it is proven.
 * @throws `sign/cannot-open`, `sign/bad-recipient`
 */
export async function openSealed(bytes: Uint8Array, identities: readonly OpenWith[]): Promise<Uint8Array> {
  const { fileKey, headerBytes } = await openHeader(bytes, identities);
  const nonce = bytes.subarray(headerBytes, headerBytes + nonceBytes);
  const key = new PayloadKey(fileKey, nonce);
  fileKey.fill(0);
  return openPayload(bytes.subarray(headerBytes + nonceBytes), key);
}

function fill(descriptor: number, buffer: Uint8Array, length: number): number {
  for (let at = 0; at < length;) {
    const got = readSync(descriptor, buffer, at, length - at, null);
    if (got === 0) throw Object.assign(new Error("the file became shorter while it was read"), { code: "ECHANGED" });
    at += got;
  }
  return length;
}

function write(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
}
