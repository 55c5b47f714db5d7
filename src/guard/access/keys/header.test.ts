import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBearer } from "./header.ts";

const b64token = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,100}={0,2}$/);

describe("the Authorization header", () => {
  it("is taken as RFC 6750 and RFC 9110 write it: scheme in any case, one or more spaces, one token", () => {
    const scheme = fc.constantFrom("Bearer", "bearer", "BEARER", "bEaReR");
    fc.assert(
      fc.property(scheme, fc.integer({ min: 1, max: 20 }), b64token, (scheme, spaces, token) => {
        expect(readBearer(`${scheme}${" ".repeat(spaces)}${token}`)).toEqual({ token });
      }),
    );
  });

  it.for([
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "Bearer a,b",
    "Bearer a, Bearer b",
    "Bearer\ta",
    "Bearer a\u0000",
    "Bearer a\r\nX: y",
    "Bearer =",
    "Bearer a=b",
    'Bearer "a"',
    "Bearer é",
    "Bearer %61",
    "Bearer\u00a0a",
    "Bearer, a",
    `Bearer ${"a".repeat(600)}`,
  ])("is malformed, and no token is taken from it: %j", (header) => {
    expect(readBearer(header)).toBe("malformed");
  });

  it.for(["", "Basic YTpi", "Bearerx a", "Bearer-Token a", "Digest username=x", "mk_abc", " Bearer a"])(
    "holds no bearer credential: %j",
    (header) => {
      expect(readBearer(header)).toBe("none");
    },
  );

  it("never throws and never makes up a token, whatever stands in it", () => {
    const pieces = fc.constantFrom("Bearer", "bearer", " ", "\t", ",", "=", "a", "mk_", "\u0000", "\n", "Basic", "\ud800", "💥");
    const noise = fc.oneof(
      fc.string({ unit: "binary", maxLength: 600 }),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(noise, (header) => {
        const read = readBearer(header);
        if (typeof read === "string") return;
        expect(header.toLowerCase().startsWith("bearer ")).toBe(true);
        expect(header.endsWith(read.token)).toBe(true);
        expect(read.token).toMatch(/^[A-Za-z0-9\-._~+/]+=*$/);
      }),
      { numRuns: 500 },
    );
  });
});
