import { BlockList, isIPv4, isIPv6 } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalAddress, formatAddress, parseAddress, tryParseAddress } from "./index.ts";

describe("address", () => {
  // RFC 4291 §2.2 and RFC 5952 §4, with the forms that §1 of the latter says all mean the same.
  it.for([
    ["2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"],
    ["FF01:0:0:0:0:0:0:101", "ff01::101"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:13.1.68.3", "::d01:4403"],
    ["::FFFF:129.144.52.38", "129.144.52.38"],
    ["0:0:0:0:0:FFFF:8190:3426", "129.144.52.38"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"],
    ["2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["1::", "1::"],
    ["192.0.2.1", "192.0.2.1"],
  ])("writes %s as %s", ([raw, canonical]) => {
    expect(canonicalAddress(raw!)).toBe(canonical);
  });

  it.for([
    "",
    "1",
    "10.1",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "0x1.2.3.4",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1..2.3",
    "1.2.3.",
    "+1.2.3.4",
    "１.2.3.4",
    ":",
    ":::",
    "1:::2",
    "1::2::3",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "1:2:3:4:5:6:7:8::",
    ":1:2:3:4:5:6:7:8",
    "12345::",
    "g::",
    "::1.2.3",
    "::01.2.3.4",
    "1.2.3.4::",
    "::1.2.3.4:1",
    "1:2:3:4:5:6:7:1.2.3.4",
    "fe80::1%eth0",
    "[::1]",
    "::1/64",
    "1:",
    "::1:",
    "localhost",
    "\u0000::1",
  ])("refuses %j", (text) => {
    expect(tryParseAddress(text)).toBeUndefined();
    expect(() => parseAddress(text)).toThrowError(expect.objectContaining({ code: "net/bad-address" }));
  });

  it("says what is wrong with the usual mistakes", () => {
    expect(() => parseAddress("010.0.0.1")).toThrow("octal");
    expect(() => parseAddress("fe80::1%eth0")).toThrow("zone");
    expect(() => parseAddress("10.0.0.0/8")).toThrow("network");
    expect(() => parseAddress("example.com")).toThrow("names are not resolved");
  });

  const soup = fc.string({ unit: fc.constantFrom(..."0123456789abcdefFg:.%/ "), maxLength: 50 });
  const nearly = fc.oneof(
    soup,
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4Extended(),
    fc.tuple(fc.ipV6(), soup).map(([a, b]) => a.slice(0, -2) + b.slice(0, 4)),
  );

  it("agrees with node:net about what is an address, zone ids apart", () => {
    fc.assert(
      fc.property(nearly, (text) => {
        fc.pre(!text.includes("%"));
        expect(tryParseAddress(text) !== undefined).toBe(isIPv4(text) || isIPv6(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it("reads back what it wrote, to the same bytes, and agrees with node:net about equality", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((a) => Uint8Array.from(a)),
    );
    fc.assert(
      fc.property(bytes, (bytes) => {
        const text = formatAddress({ family: bytes.length === 4 ? 4 : 6, bytes });
        const again = parseAddress(text);
        if (again.family === (bytes.length === 4 ? 4 : 6)) expect(again.bytes).toEqual(bytes);
        expect(formatAddress(again)).toBe(canonicalAddress(text));
        const list = new BlockList();
        list.addAddress(text, isIPv4(text) ? "ipv4" : "ipv6");
        expect(list.check(formatAddress(again), again.family === 4 ? "ipv4" : "ipv6")).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
