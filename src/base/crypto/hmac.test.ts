import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hmacSha256 } from "./hmac.node.ts";

describe("HMAC-SHA-256", () => {
  // RFC 4231, sections 4.2, 4.3 and 4.7 (a key longer than a block)
  it.for([
    ["0b".repeat(20), Buffer.from("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
    [
      Buffer.from("Jefe").toString("hex"),
      Buffer.from("what do ya want for nothing?"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
      "aa".repeat(131),
      Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
  ] as const)("gives what RFC 4231 says for key %s", ([key, message, code]) => {
    expect(hmacSha256(Buffer.from(key, "hex"), [message]).toString("hex")).toBe(code);
  });

  it("gives what OpenSSL gives, in parts and whole, on both sides of the longest short message", () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    fc.assert(
      fc.property(bytes, fc.array(bytes, { maxLength: 6 }), fc.constantFrom(0, 65_000, 65_536, 70_000), (key, parts, more) => {
        const all = [...parts, new Uint8Array(more).fill(7)];
        const expected = createHmac("sha256", key).update(Buffer.concat(all)).digest("hex");
        expect(hmacSha256(key, all).toString("hex")).toBe(expected);
      }),
    );
  });
});
