import { hash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Random } from "../../../base/port/index.ts";

/**
 * A key is `mk_<12>_<43><6>`: id, 256 secret bits, and a CRC-32 (ISO 3309, as in zip) over all before it, the last two in base 62.
 * A leak scanner finds `\bmk_[a-z2-7]{12}_[0-9A-Za-z]{49}\b` and drops look-alikes by the checksum, without asking us.
 * No character of it breaks a double click, a shell word or a URL.
 */
export const keyPattern = /\bmk_[a-z2-7]{12}_[0-9A-Za-z]{49}\b/;

/** `mk_` and 60 random bits: names the key in lists and logs, and is no secret. */
export const idPattern = /^mk_[a-z2-7]{12}$/;

const idLength = 15;
const crcLength = 6;
const secretLength = 43; // 62^43 > 2^256

/** Every key has exactly this many characters. */
export const keyLength = idLength + 1 + secretLength + crcLength;

const base32 = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648 §6, lower case
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A fresh key. It exists in full only in the return value; what is stored is its {@link keyDigest}. */
export function newKey(random: Random): { id: string; key: string } {
  const id = `mk_${Array.from(random.bytes(12), (byte) => base32[byte & 31]).join("")}`;
  const secret = BigInt(`0x${Buffer.from(random.bytes(32)).toString("hex")}`);
  const body = `${id}_${inBase62(secret, secretLength)}`;
  return { id, key: body + checksum(body) };
}

/**
 * What is stored of a key. One SHA-256 is the right hash here, though it would be wrong for a password: a slow or salted hash
 * protects secrets that can be guessed, and 256 random bits cannot; it would only hand strangers a way to burn our CPU.
 */
export function keyDigest(key: string): Buffer {
  return hash("sha256", key, "buffer"); // a third faster than createHash for input this short
}

/** The id that a key would have; of any other text, just its first characters. */
export function idOf(key: string): string {
  return key.slice(0, idLength);
}

/** Whether text is a whole key with a right checksum: what a leak scanner asks. */
export function looksLikeKey(text: string): boolean {
  if (text.length !== keyLength || !keyPattern.test(text)) return false;
  return text.slice(-crcLength) === checksum(text.slice(0, -crcLength));
}

function checksum(body: string): string {
  return inBase62(BigInt(crc32(body)), crcLength);
}

function inBase62(value: bigint, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest /= 62n) text = base62[Number(rest % 62n)]! + text;
  return text;
}
