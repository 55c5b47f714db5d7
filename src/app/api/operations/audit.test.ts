import { afterAll, expect, it } from "vitest";
import { answered, openLog } from "../../../../test/helpers/audit.ts";
import { createMemoryDisk } from "../../../../test/helpers/memory-disk.ts";
import { openStore } from "../../../base/store/index.node.ts";
import { auditMigrations } from "../../../guard/audit/index.ts";
import { auditRead, auditSearch, runOperation } from "../index.ts";
import type { Services } from "../index.ts";

const store = await openStore({ migrations: auditMigrations });
afterAll(() => store.close());

it("reading in order shows what a tampered index hides from a search", async () => {
  const audit = await openLog(createMemoryDisk(), { store });
  const services = { audit } as Services;
  await Promise.all(Array.from({ length: 300 }, (_, n) => audit.append(answered(n))));
  await audit.flush();
  await store.tables<{ audit_terms: { block: number } }>().deleteFrom("audit_terms").where("block", "=", 0).execute();

  const found = await runOperation(auditSearch, services, { input: { principal: "alice", limit: 1000 }, by: {} });
  expect(found.some(({ index }) => index < 256)).toBe(false);
  const first = await runOperation(auditRead, services, { input: { from: 0, limit: 3 }, by: {} });
  expect([first.entries.map(({ index }) => index), first.next]).toEqual([[0, 1, 2], 3]);
  const rest = await runOperation(auditRead, services, { input: { from: first.next, limit: 3 }, by: {} });
  expect([rest.entries.map(({ index }) => index), rest.next]).toEqual([[3, 4, 5], 6]);
  const tail = await runOperation(auditRead, services, { input: { from: 299, limit: 3 }, by: {} });
  expect([tail.entries.map(({ index }) => index), tail.next]).toEqual([[299], 300]);
  expect(await runOperation(auditRead, services, { input: { from: 900, limit: 3 }, by: {} })).toEqual({ entries: [], next: 900 });
  await audit.close();
});
