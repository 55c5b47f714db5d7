import { BlockList } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createNetworkTable,
  formatNetwork,
  limitKey,
  networkContains,
  networkOf,
  parseAddress,
  parseNetwork,
  type IpAddress,
} from "./index.ts";

// Few distinct bits, so that prefixes nest and collide.
const address = fc.oneof(
  fc
    .array(fc.constantFrom(0, 1, 128, 255), { minLength: 4, maxLength: 4 })
    .map((a): IpAddress => ({ family: 4, bytes: Uint8Array.from(a) })),
  fc
    .array(fc.constantFrom(0, 1, 128), { minLength: 16, maxLength: 16 })
    .map((a): IpAddress => ({ family: 6, bytes: Uint8Array.from([0x20, ...a.slice(1)]) })),
);
const network = fc.tuple(address, fc.nat()).map(([address, n]) => networkOf(address, n % (address.bytes.length * 8 + 1)));

describe("network", () => {
  it.for([
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["192.0.2.1", "192.0.2.1/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:DB8::/32", "2001:db8::/32"],
    ["::/0", "::/0"],
    ["::1", "::1/128"],
    ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
    ["::ffff:10.1.2.3", "10.1.2.3/32"],
  ])("reads %s as %s", ([raw, canonical]) => {
    expect(formatNetwork(parseNetwork(raw!))).toBe(canonical);
  });

  it.for([
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/08",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "10/8",
    "10.0.0.0/8.0",
    "::ffff:0.0.0.0/95",
    "/8",
    "any",
  ])("refuses %s", (text) => expect(() => parseNetwork(text)).toThrowError(expect.objectContaining({ code: "net/bad-network" })));

  it("refuses bits behind the prefix and names the network that was meant", () => {
    expect(() => parseNetwork("10.1.2.3/8")).toThrowError(
      expect.objectContaining({ hint: expect.stringContaining("10.0.0.0/8") }),
    );
    expect(() => parseNetwork("2001:db8::1/64")).toThrowError(
      expect.objectContaining({ hint: expect.stringContaining("2001:db8::/64") }),
    );
  });

  it("contains what node:net says it contains", () => {
    fc.assert(
      fc.property(network, address, (network, address) => {
        const list = new BlockList();
        const [base, prefix] = formatNetwork(network).split("/");
        list.addSubnet(base!, Number(prefix), network.family === 4 ? "ipv4" : "ipv6");
        const expected =
          network.family === address.family &&
          list.check(formatNetwork({ ...address, prefix: 0 }).split("/")[0]!, address.family === 4 ? "ipv4" : "ipv6");
        expect(networkContains(network, address)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it("counts an IPv6 client by its /64 and an IPv4 client by its address", () => {
    expect(limitKey("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(limitKey("::ffff:192.0.2.1")).toBe("192.0.2.1");
    expect(limitKey("192.0.2.1")).toBe("192.0.2.1");
  });
});

describe("network table", () => {
  it("finds the same longest prefix as a linear scan, through inserts and deletes", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom("set", "set", "delete"), network), { maxLength: 60 });
    fc.assert(
      fc.property(steps, fc.array(address, { minLength: 5, maxLength: 20 }), (steps, probes) => {
        const table = createNetworkTable<number>();
        const plain = new Map<string, { network: ReturnType<typeof networkOf>; value: number }>();
        for (const [index, [what, network]] of steps.entries()) {
          if (what === "set") {
            table.set(network, index);
            plain.set(formatNetwork(network), { network, value: index });
          } else expect(table.delete(network)).toBe(plain.delete(formatNetwork(network)));
        }
        expect(table.size).toBe(plain.size);
        expect([...table].map(({ network, value }) => `${formatNetwork(network)} ${value}`).sort()).toEqual(
          [...plain].map(([text, { value }]) => `${text} ${value}`).sort(),
        );
        for (const { network, value } of plain.values()) expect(table.get(network)).toBe(value);
        for (const probe of probes) {
          for (const accept of [undefined, (value: number) => value % 2 === 0]) {
            const expected = [...plain.values()]
              .filter(({ network, value }) => networkContains(network, probe) && (!accept || accept(value)))
              .sort((a, b) => b.network.prefix - a.network.prefix)[0];
            expect(table.match(probe, accept)?.value).toBe(expected?.value);
          }
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("keeps the two families apart even at prefix 0", () => {
    const table = createNetworkTable<string>();
    table.set(parseNetwork("0.0.0.0/0"), "four");
    expect(table.match(parseAddress("::1"))).toBeUndefined();
    expect(table.match(parseAddress("1.2.3.4"))?.value).toBe("four");
  });
});
