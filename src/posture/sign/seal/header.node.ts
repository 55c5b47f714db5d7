import type { Decrypter, Identity, Recipient } from "age-encryption";
import { isModelkeepError, ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import { kmsIdentity, kmsRecipient } from "./key-service.ts";
import type { KeyService } from "./key-service.ts";
import { cannotOpen } from "./payload.node.ts";

const magic = "age-encryption.org/v1\n";

/** Many recipients and room to spare; a header without an end is none. */
const maxHeaderBytes = 1 << 18;

/** Whether a file is sealed, by its first line. */
export function isSealed(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, magic.length)).toString("latin1") === magic;
}

/** Who may open: age recipients in their own writing (`age1…`, also post-quantum), and keys of a service. */
export type SealTo = string | KeyService;

/** A new file key, wrapped to each recipient. */
export async function newHeader(recipients: readonly SealTo[]): Promise<{ header: Uint8Array; fileKey: Uint8Array }> {
  const { Encrypter, Stanza } = await import("age-encryption");
  const encrypter = new Encrypter();
  let fileKey: Uint8Array | undefined;
  // A recipient that wraps nothing and so learns the key: the payload is encrypted by OpenSSL, not by the library.
  const listener: Recipient = { wrapFileKey: (key) => ((fileKey = Uint8Array.from(key)), []) };
  encrypter.addRecipient(listener);
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(typeof recipient === "string" ? recipient : kmsRecipient(recipient, Stanza));
    } catch (cause) {
      throw badRecipient(`${quote(recipient)} is no age recipient`, cause);
    }
  }
  const whole = await encrypter.encrypt(new Uint8Array());
  return { header: whole.slice(0, headerEnd(whole)), fileKey: fileKey! };
}

/** Who is there to open: age identities in their own writing (`AGE-SECRET-KEY-1…`), and keys of a service. */
export type OpenWith = string | KeyService;

/**
 * The file key, and where the payload begins.
 * @throws `sign/cannot-open`
 */
export async function openHeader(
  bytes: Uint8Array,
  identities: readonly OpenWith[],
): Promise<{ fileKey: Uint8Array; headerBytes: number }> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) addIdentity(decrypter, typeof identity === "string" ? identity : kmsIdentity(identity));
  const headerBytes = headerEnd(bytes);
  try {
    return { fileKey: await decrypter.decryptHeader(Uint8Array.from(bytes.subarray(0, headerBytes))), headerBytes };
  } catch (cause) {
    if (isModelkeepError(cause)) throw cause; // a key service says itself what is wrong
    const noMatch = (cause as Error).message.startsWith("no identity");
    throw cannotOpen(noMatch ? "it is sealed to others" : "its header is malformed or was changed", cause);
  }
}

function addIdentity(decrypter: Decrypter, identity: string | Identity): void {
  try {
    decrypter.addIdentity(identity);
  } catch (cause) {
    throw badRecipient("an identity is no AGE-SECRET-KEY", cause);
  }
}

/** The header ends with the line of its MAC: `--- ` and 32 bytes in base 64. */
function headerEnd(bytes: Uint8Array): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, maxHeaderBytes)).toString("latin1");
  const found = /\n--- [A-Za-z0-9+/]{43}\n/.exec(text);
  if (!text.startsWith(magic) || found === null) throw cannotOpen("it is no age file, or was cut");
  return found.index + found[0].length;
}

/**
 * The identities in an age key file: one a line, comments with `#`.
 * @throws `sign/bad-recipient` when there is none
 */
export function parseIdentities(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  const found = lines.filter((line) => line !== "" && !line.startsWith("#"));
  if (found.length === 0 || found.some((line) => !line.startsWith("AGE-SECRET-KEY-")))
    throw badRecipient("the identity file holds something else than AGE-SECRET-KEY lines, or none");
  return found;
}

export function badRecipient(message: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("sign/bad-recipient", {
    message,
    hint: "`age-keygen` makes an identity and prints its recipient, age1…",
    cause,
    exit: 4,
  });
}
