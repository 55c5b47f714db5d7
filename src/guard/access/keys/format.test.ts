import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemRandom } from "../../../base/port/index.ts";
import { idOf, idPattern, keyDigest, keyLength, keyPattern, looksLikeKey, newKey } from "./format.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anyRandom = fc
  .tuple(bytes(12), bytes(32))
  .map(([id, secret]) => ({ bytes: (length: number) => (length === 12 ? id : secret) }));

describe("an API key", () => {
  it("has one length, one alphabet, its id in front and a right checksum, whatever the random bytes are", () => {
    fc.assert(
      fc.property(anyRandom, (random) => {
        const { id, key } = newKey(random);
        expect(key).toHaveLength(keyLength);
        expect(keyPattern.exec(`leaked: "${key}",`)?.[0]).toBe(key);
        expect(looksLikeKey(key)).toBe(true);
        expect(idOf(key)).toBe(id);
        expect(id).toMatch(idPattern);
      }),
    );
  });

  it("carries all 256 random bits: the bytes can be read back out of it", () => {
    const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    fc.assert(
      fc.property(bytes(32), (secret) => {
        const { key } = newKey({ bytes: (length) => (length === 32 ? secret : new Uint8Array(length)) });
        const value = Array.from(key.slice(16, 59)).reduce((sum, digit) => sum * 62n + BigInt(digits.indexOf(digit)), 0n);
        expect(value.toString(16).padStart(64, "0")).toBe(Buffer.from(secret).toString("hex"));
      }),
    );
  });

  it("is told from look-alikes by a leak scanner: any one changed character breaks the checksum or the pattern", () => {
    const { key } = newKey(systemRandom);
    for (let at = 0; at < key.length; at++) {
      const other = key[at] === "a" ? "b" : "a";
      expect(looksLikeKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
    }
    for (const text of ["", "mk_", key.slice(1), `${key}a`, key.toUpperCase(), ` ${key}`]) expect(looksLikeKey(text)).toBe(false);
  });

  it("has the checksum that zip and PNG use, so a scanner needs no code of ours", () => {
    // CRC-32 of the 59 characters by Python's zlib.crc32: 0x72e3ecb9 = 26RlBB in base 62.
    const { key } = newKey({ bytes: (length) => new Uint8Array(length) });
    expect(key.slice(0, 59)).toBe("mk_aaaaaaaaaaaa_0000000000000000000000000000000000000000000");
    expect(key.slice(59)).toBe("26RlBB");
  });

  it("is stored as its SHA-256", () => {
    expect(keyDigest("abc").toString("hex")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-4
    expect(keyDigest("x")).toEqual(hash("sha256", "x", "buffer"));
  });
});
