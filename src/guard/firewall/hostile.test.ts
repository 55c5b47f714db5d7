import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryEvidence } from "../../base/evidence/index.ts";
import { silentLogger, silentMeter } from "../../base/log/index.ts";
import { tryParseAddress } from "../../base/net/index.ts";
import { createManualClock } from "../../base/port/index.ts";
import { openStore } from "../../base/store/index.node.ts";
import type { Store } from "../../base/store/index.ts";
import { createFirewall, firewallConfig, firewallMigrations, type Firewall, type Irregularity, type Verdict } from "./index.ts";

let store: Store;
let firewall: Firewall;
const clock = createManualClock();
beforeAll(async () => {
  store = await openStore({ migrations: firewallMigrations });
  const config = firewallConfig.parse({
    proxies: { trusted: ["10.0.0.0/8"] },
    block: ["192.0.2.0/24"],
    limits: { principalModel: { requests: { perSecond: 5 } } },
  });
  firewall = await createFirewall({
    config,
    store,
    evidence: createMemoryEvidence(),
    clock,
    log: silentLogger,
    meter: silentMeter,
  });
});
afterAll(async () => {
  await firewall.close();
  await store.close();
});

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom("", "__proto__", "constructor", "\0", "%", "fe80::1%eth0", "::ffff:1.2.3.4"),
);
const number = fc.oneof(fc.integer({ min: 0 }), fc.constantFrom(0, 1e300, 2 ** 53, 0.1));
const event = fc.constantFrom<Irregularity>("bad-credential", "protocol-abuse", "shape-probe", "forbidden", "flood");

function isVerdict(verdict: Verdict): void {
  if (verdict.ok) return;
  expect(verdict.code).toMatch(/^firewall\//);
  expect(verdict.reason).not.toMatch(/[\n\r]|undefined|NaN/);
  if (verdict.retryAfterSeconds !== undefined)
    expect(Number.isSafeInteger(verdict.retryAfterSeconds) || verdict.retryAfterSeconds > 2 ** 53).toBe(true);
}

describe("the firewall under hostile input", () => {
  it("answers every call with a verdict, whatever the strings and numbers are", () => {
    fc.assert(
      fc.property(
        fc.record({ address: text, principal: text, model: text }),
        number,
        event,
        ({ address, principal, model }, amount, event) => {
          clock.advance(1);
          const connection = firewall.connect(address);
          isVerdict(connection);
          if (connection.ok) connection.release!();
          isVerdict(firewall.admit(address));
          for (const who of [{ address }, { address, principal }, { address, principal, model, credential: model }]) {
            isVerdict(firewall.charge(who, { requests: 1, rows: amount, bytes: amount, modelMs: amount }));
            firewall.settle(who, { modelMs: amount });
            isVerdict(firewall.observe(who, event));
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("reads any forwarding header as some address", () => {
    fc.assert(
      fc.property(text, text, (peer, header) => {
        const client = firewall.clientAddress(fc.sample(fc.constantFrom(peer, "10.0.0.1"), 1)[0]!, {
          "x-forwarded-for": header,
          forwarded: header,
        });
        expect(tryParseAddress(client)).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });

  it("stays small under a spray of addresses that do everything wrong", async () => {
    const before = heap();
    for (let i = 0; i < 300_000; i++) {
      const address = `2001:db8:${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}::1`;
      if (i % 100 === 0) clock.advance(1);
      if (firewall.admit(address).ok) firewall.observe({ address }, "bad-credential");
    }
    await firewall.sync();
    // Scores, buckets and bans are each bounded; the log in this test is not, and has one entry for each ban.
    expect(heap() - before).toBeLessThan(64 * 1024 * 1024);
    expect(firewall.bans.list().length).toBeLessThan(10_000);
  }, 60_000);
});

function heap(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}
