import { expect, it } from "vitest";
import { createManualClock, systemRandom } from "../../src/base/port/index.ts";
import { keyDigest, newKey } from "../../src/guard/access/keys/format.ts";
import { KeyTable } from "../../src/guard/access/keys/key-table.ts";

const [mine, yours] = [newKey(systemRandom), newKey(systemRandom)];
const rows = [mine, yours].map(({ id, key }) => ({
  id,
  principal: "alice",
  role: "caller",
  digest: `sha256:${keyDigest(key).toString("hex")}`,
  models: null,
  networks: null,
  created_ms: 0,
  lifetime_ms: null,
  expires_ms: null,
  last_used_ms: null,
  revoked_ms: id === yours.id ? 1 : null,
  revoked_reason: null,
  replaced_by: null,
  revision: 1,
}));

// What the work is, key-table.test.ts counts; here it is only timed, without watchers.
it("no kind of wrong key is answered noticeably sooner or later than another", () => {
  const table = new KeyTable(createManualClock(), 1000);
  table.apply([], rows);
  const wrongs = {
    "unknown id": `Bearer mk_aaaaaaaaaaaa${mine.key.slice(15)}`,
    "wrong secret": `Bearer ${mine.id}${yours.key.slice(15)}`,
    revoked: `Bearer ${yours.key}`,
    "too short": `Bearer ${mine.key.slice(0, -1)}`,
  };
  // Batches of each kind in turn, so that what else the machine does falls on all alike; the quietest batch of each kind counts.
  const quietest = new Map(Object.keys(wrongs).map((name) => [name, Infinity]));
  for (let round = 0; round < 300; round++) {
    for (const [name, header] of Object.entries(wrongs)) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < 100; i++) table.authenticate(header, "198.51.100.7");
      quietest.set(name, Math.min(quietest.get(name)!, Number(process.hrtime.bigint() - start)));
    }
  }
  const times = [...quietest.values()];
  expect(Math.max(...times) / Math.min(...times), JSON.stringify([...quietest])).toBeLessThan(1.5);
});
