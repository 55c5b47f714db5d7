import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../error/index.ts";
import { crc32c } from "./crc32c.ts";
import { createProxyHeaderReader } from "./index.ts";

const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

function header(parts: { command?: number; family?: number; body?: readonly number[]; length?: number }): Uint8Array {
  const { command = 0x21, family = 0x11, body = [] } = parts;
  const length = parts.length ?? body.length;
  return Uint8Array.from([...signature, command, family, length >> 8, length & 0xff, ...body]);
}

const ipv4 = [192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x67, 0x01, 0xbb];
const ipv6 = [
  0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x12, 0x67,
  0x01, 0xbb,
];

function read(bytes: Uint8Array) {
  return createProxyHeaderReader().push(bytes);
}

function withChecksum(tlvs: number[] = []): Uint8Array {
  const bytes = header({ body: [...ipv4, ...tlvs, 0x03, 0, 4, 0, 0, 0, 0] });
  new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32c(bytes));
  return bytes;
}

describe("CRC-32C", () => {
  // RFC 3720 appendix B.4, which prints the bytes in transmission order (least significant first).
  it.for([
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["32 ascending", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["32 descending", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ] as const)("of %s is that of RFC 3720", ([, bytes, checksum]) => {
    expect(crc32c(bytes)).toBe(checksum);
  });
});

describe("PROXY v2", () => {
  it("gives source and destination of both families, and what stands behind the header", () => {
    const done = read(Uint8Array.from([...header({ body: ipv4 }), 0x47, 0x45]))!;
    expect(done.header).toEqual({
      command: "proxy",
      source: { address: "192.0.2.7", port: 4711 },
      destination: { address: "198.51.100.1", port: 443 },
    });
    expect([...done.rest]).toEqual([0x47, 0x45]);
    expect(read(header({ family: 0x21, body: ipv6 }))!.header).toMatchObject({
      source: { address: "2001:db8::7" },
      destination: { address: "2001:db8::1" },
    });
  });

  it("reads an IPv4-mapped source as IPv4", () => {
    const mapped = [...Array<number>(10).fill(0), 0xff, 0xff, 192, 0, 2, 7, ...ipv6.slice(16)];
    expect(read(header({ family: 0x21, body: mapped }))!.header).toMatchObject({ source: { address: "192.0.2.7" } });
  });

  it.for([
    ["LOCAL", { command: 0x20, family: 0 }],
    ["LOCAL with an address block, which is discarded", { command: 0x20, family: 0x11, body: ipv4 }],
    ["unspecified", { family: 0 }],
    ["UNIX stream", { family: 0x31, body: Array<number>(216).fill(0) }],
  ] as const)("leaves the connection its own addresses: %s", ([, parts]) => {
    expect(read(header(parts))!.header).toEqual({ command: "local" });
  });

  it("skips extensions and holds a checksum to its word", () => {
    const good = withChecksum([0x04, 0, 2, 9, 9, 0x01, 0, 1, 0x68]);
    expect(read(good)!.header.command).toBe("proxy");
    // Every bit of addresses and ports, of the other extensions' values, and of the checksum itself.
    const covered = [...good.keys()].filter((at) => (at >= 16 && at < 28) || [31, 32, 36].includes(at) || at >= good.length - 4);
    for (const at of covered)
      for (let bit = 0; bit < 8; bit++) {
        const flipped = good.slice();
        flipped[at]! ^= 1 << bit;
        expect(() => read(flipped), `byte ${at}, bit ${bit}`).toThrow("checksum does not hold");
      }
  });

  it.for([
    ["version 1", new TextEncoder().encode("PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n"), "version 1"],
    ["no header", new TextEncoder().encode("GET / HTTP/1.1\r\n"), "signature"],
    ["version 3", header({ command: 0x31, body: ipv4 }), "version 3"],
    ["an unknown command", header({ command: 0x22, body: ipv4 }), "command 2"],
    ["UDP", header({ family: 0x12, body: ipv4 }), "0x12"],
    ["a family that does not exist", header({ family: 0x41, body: ipv4 }), "0x41"],
    ["too few address bytes", header({ body: ipv4.slice(1) }), "too short"],
    ["a cut extension", header({ body: [...ipv4, 4, 0] }), "cut off"],
    ["an extension past the end", header({ body: [...ipv4, 4, 0, 9, 1] }), "longer"],
    ["a checksum of the wrong size", header({ body: [...ipv4, 3, 0, 1, 0] }), "four bytes"],
    ["a header past the limit", header({ body: ipv4, length: 4081 }), "4097"],
  ] as const)("refuses %s", ([, bytes, reason]) => {
    expect(() => read(bytes)).toThrow(reason);
  });

  it("gives the same answer however the bytes are cut", () => {
    const whole = Uint8Array.from([...withChecksum(), 1, 2, 3]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), (cuts) => {
        const reader = createProxyHeaderReader();
        let at = 0;
        for (const cut of [...cuts, whole.length]) {
          const done = reader.push(whole.subarray(at, at + cut));
          at += cut;
          if (!done) continue;
          expect(done.header).toEqual(read(whole)!.header);
          expect([...done.rest, ...whole.subarray(Math.min(at, whole.length))]).toEqual([1, 2, 3]);
          return;
        }
        expect.unreachable();
      }),
    );
  });

  it("answers, waits or refuses with its own error on any bytes, and never reads past its limit", () => {
    const bytes = fc
      .tuple(fc.nat(16), fc.uint8Array({ maxLength: 300 }))
      .map(([keep, tail]) => Uint8Array.from([...header({ body: ipv4 }).subarray(0, keep), ...tail]));
    fc.assert(
      fc.property(bytes, (bytes) => {
        try {
          createProxyHeaderReader({ maxBytes: 128 }).push(bytes);
        } catch (error) {
          if (!isModelkeepError(error) || error.code !== "net/bad-proxy-header") throw error;
        }
      }),
      { numRuns: 5000 },
    );
  });
});
