import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  clientAddress,
  createNetworkTable,
  formatAddress,
  parseAddress,
  parseNetwork,
  peerAddress,
  type ForwardingHeader,
  type ForwardingHeaders,
  type IpAddress,
} from "./index.ts";

const proxies = createNetworkTable<true>();
for (const text of ["10.0.0.0/8", "2001:db8:f::/48"]) proxies.set(parseNetwork(text), true);

function resolve(peer: string, headers: ForwardingHeaders, header: ForwardingHeader = "x-forwarded-for"): string {
  return formatAddress(clientAddress(parseAddress(peer), headers, { trusts: (a) => proxies.match(a) !== undefined, header }));
}

const quoteNode = (ip: string) => (ip.includes(":") ? `"[${ip}]"` : ip);

describe("client address", () => {
  it("is the peer when the peer is no trusted proxy, whatever it claims", () => {
    expect(resolve("192.0.2.9", { "x-forwarded-for": "127.0.0.1" })).toBe("192.0.2.9");
    expect(resolve("192.0.2.9", { forwarded: "for=127.0.0.1" }, "forwarded")).toBe("192.0.2.9");
  });

  it.for([
    ["6.6.6.6, 192.0.2.7", "192.0.2.7"],
    ["6.6.6.6, 192.0.2.7, 10.0.0.2", "192.0.2.7"],
    ["192.0.2.7:4711", "192.0.2.7"],
    ["[2001:db8::1]:4711, 10.0.0.2", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["", "10.0.0.1"],
    ["192.0.2.7, unknown", "10.0.0.1"],
    ["192.0.2.7, , 10.0.0.2", "10.0.0.2"],
    ["192.0.2.7, 010.0.0.2", "10.0.0.1"],
    ["192.0.2.7, [10.0.0.2]", "10.0.0.1"],
  ])("reads X-Forwarded-For %j as %s", ([value, client]) => {
    expect(resolve("10.0.0.1", { "x-forwarded-for": value })).toBe(client);
  });

  // Elements from RFC 7239 §4, §6 and §7.1.
  it.for([
    ["for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"],
    ['For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"],
    ["for=192.0.2.43, for=198.51.100.17", "198.51.100.17"],
    ['for=192.0.2.43, for="[2001:db8:f::1]"', "192.0.2.43"],
    ['for="_gazonk"', "10.0.0.1"],
    ["for=unknown", "10.0.0.1"],
    ["proto=http", "10.0.0.1"],
    ['for=192.0.2.43;by="a,b", for=10.0.0.2', "192.0.2.43"],
    ["for=192.0.2.43;for=10.0.0.2", "10.0.0.1"],
    ["for=2001:db8::1", "10.0.0.1"],
    ['for="192.0.2.43:80"', "192.0.2.43"],
    ["for = 192.0.2.43", "10.0.0.1"],
  ])("reads Forwarded %j as %s", ([value, client]) => {
    expect(resolve("10.0.0.1", { forwarded: value }, "forwarded")).toBe(client);
  });

  it("ignores the header that the proxies do not write, because a client can write it through them", () => {
    expect(resolve("10.0.0.1", { forwarded: "for=127.0.0.1", "x-forwarded-for": "192.0.2.7" })).toBe("192.0.2.7");
    expect(resolve("10.0.0.1", { forwarded: "for=192.0.2.7", "x-forwarded-for": "127.0.0.1" }, "forwarded")).toBe("192.0.2.7");
  });

  it("cannot be confused by a quote that the client leaves open", () => {
    for (const opened of ['for="', 'for="\\', 'for="1.2.3.4, for=10.0.0.9;by="', '"', '\\"'])
      for (const own of ["for=192.0.2.7", 'for="[2001:db8::7]";proto=https'])
        expect(resolve("10.0.0.1", { forwarded: `${opened}, ${own}` }, "forwarded")).toBe(
          own.includes("[") ? "2001:db8::7" : "192.0.2.7",
        );
  });

  const junk = fc.string({ unit: fc.constantFrom(...'for=by;,"\\ []:.0123456789abc unknown_\t'), maxLength: 60 });
  const claimed = fc.oneof(
    junk,
    fc.ipV4(),
    fc.ipV6(),
    fc.constant("10.1.1.1"),
    fc.array(fc.ipV4(), { maxLength: 5 }).map((all) => all.join(", ")),
  );
  const trusted = fc.oneof(
    fc.nat(255).map((n) => `10.0.0.${n}`),
    fc.nat(0xffff).map((n) => `2001:db8:f::${n.toString(16)}`),
  );
  const stranger = fc.oneof(
    fc.nat(255).map((n) => `192.0.2.${n}`),
    fc.nat(0xffff).map((n) => `2001:db8:a::${n.toString(16)}`),
  );

  it("is never chosen by the client, over random chains of proxies and anything a client can send", () => {
    fc.assert(
      fc.property(
        fc.array(claimed, { maxLength: 3 }),
        stranger,
        fc.array(trusted, { minLength: 1, maxLength: 4 }),
        fc.constantFrom<ForwardingHeader>("x-forwarded-for", "forwarded"),
        (lies, client, chain, header) => {
          // Each proxy appends the address that its connection came from; the last proxy is our peer.
          const appended = [client, ...chain.slice(0, -1)].map((ip) =>
            header === "forwarded" ? `for=${quoteNode(formatAddress(parseAddress(ip)))};proto=http` : ip,
          );
          const value = [...lies, ...appended];
          const other = header === "forwarded" ? "x-forwarded-for" : "forwarded";
          const expected = formatAddress(parseAddress(client));
          const noise = { [other]: lies };
          expect(resolve(chain.at(-1)!, { ...noise, [header]: value.join(", ") }, header)).toBe(expected);
          expect(resolve(chain.at(-1)!, { ...noise, [header]: value }, header)).toBe(expected);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it("asks about the trusted hops only, however much the client wrote", () => {
    let asked = 0;
    const trusts = (address: IpAddress) => ++asked > 0 && proxies.match(address) !== undefined;
    const list = `${"10.0.0.1,".repeat(100_000)}192.0.2.7,10.0.0.2`;
    clientAddress(parseAddress("10.0.0.1"), { "x-forwarded-for": list }, { trusts, header: "x-forwarded-for" });
    expect(asked).toBe(3);
  });
});

describe("peer address", () => {
  it.for([
    ["::ffff:127.0.0.1", "127.0.0.1"],
    ["fe80::1%eth0", "fe80::1"],
    ["2001:DB8::1", "2001:db8::1"],
    [undefined, "0.0.0.0"],
    ["", "0.0.0.0"],
  ] as const)("takes %s for %s", ([remote, address]) => {
    expect(peerAddress(remote)).toBe(address);
  });
});
