import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  concatBytes,
  equalBytes,
  fromBase64,
  fromBase64Url,
  fromHex,
  fromUtf8,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from "./index.ts";

const bytes = () => fc.uint8Array({ maxLength: 100 });

describe("bytes as text", () => {
  // RFC 4648, section 10.
  it.for([
    ["", "", ""],
    ["f", "Zg==", "66"],
    ["fo", "Zm8=", "666f"],
    ["foo", "Zm9v", "666f6f"],
    ["foob", "Zm9vYg==", "666f6f62"],
    ["fooba", "Zm9vYmE=", "666f6f6261"],
    ["foobar", "Zm9vYmFy", "666f6f626172"],
  ])("encodes the RFC's %j", ([text, base64, hex]) => {
    expect(toBase64(utf8(text!))).toBe(base64);
    expect(toHex(utf8(text!))).toBe(hex);
    expect(fromUtf8(fromBase64(base64!))).toBe(text);
  });

  it("agrees with Node and comes back whole", () => {
    fc.assert(
      fc.property(bytes(), (value) => {
        expect(toBase64(value)).toBe(Buffer.from(value).toString("base64"));
        expect(toBase64Url(value)).toBe(Buffer.from(value).toString("base64url"));
        expect(toHex(value)).toBe(Buffer.from(value).toString("hex"));
        expect(fromBase64(toBase64(value))).toEqual(value);
        expect(fromBase64Url(toBase64Url(value))).toEqual(value);
        expect(fromHex(toHex(value))).toEqual(value);
      }),
    );
  });

  it("accepts one spelling of each value and no other", () => {
    for (const text of ["Zh==", "Zg=", "Zg", "Zg===", "Z", "Zm9v\n", "Zm 9v", "Zm9-", "====", "Zg==Zg==", "é"]) {
      expect(() => fromBase64(text), text).toThrow(expect.objectContaining({ code: "crypto/bad-encoding" }));
    }
    for (const text of ["Zh", "Zg==", "Zm9+", "Z"]) expect(() => fromBase64Url(text), text).toThrow(/base64url/);
    for (const text of ["0", "0G", "AB", "0x00"]) expect(() => fromHex(text), text).toThrow(/hexadecimal/);
    expect(() => fromUtf8(Uint8Array.of(0xc3))).toThrow(/UTF-8/);
    fc.assert(
      fc.property(fc.string(), (text) => {
        let decoded: Uint8Array;
        try {
          decoded = fromBase64(text);
        } catch {
          return;
        }
        expect(toBase64(decoded)).toBe(text);
      }),
    );
  });

  it("compares by content and length", () => {
    expect(equalBytes(utf8("abc"), utf8("abc"))).toBe(true);
    expect(equalBytes(utf8("abc"), utf8("abd"))).toBe(false);
    expect(equalBytes(utf8("abc"), utf8("ab"))).toBe(false);
    expect(concatBytes(utf8("a"), new Uint8Array(), utf8("bc"))).toEqual(utf8("abc"));
  });
});
