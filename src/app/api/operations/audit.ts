import { z } from "zod";
import type { EvidenceEntry } from "../../../base/evidence/index.ts";
import { ModelkeepError } from "../../../base/error/index.ts";
import { defineOperation } from "../define.ts";
import { present } from "../present.ts";
import type {} from "../errors.ts";

const index = z.int().min(0);

const query = z.strictObject({
  kind: z.string().optional(),
  principal: z.string().optional(),
  model: z.string().optional(),
  address: z.string().optional(),
  outcome: z.enum(["done", "denied", "limited", "failed"]).optional(),
  fromMs: z.number().optional(),
  toMs: z.number().optional(),
  limit: z.int().min(1).max(1_000).optional(),
  before: index.optional(),
});

export const auditSearch = defineOperation({
  id: "audit.search",
  title: "Entries by principal, model, address, time, outcome; newest first",
  input: query,
  run: ({ audit }, asked) => audit.search(present(asked)),
});

export const auditRead = defineOperation({
  id: "audit.read",
  title: "Entries in order, out of the log itself: the index that a search goes by can hide some when it is tampered with",
  input: z.strictObject({ from: index, limit: z.int().min(1).max(1_000) }),
  async run({ audit }, { from, limit }) {
    const end = Math.min(from + limit, audit.size);
    const entries: EvidenceEntry[] = [];
    for (let at = from; at < end; at++) {
      const entry = await audit.get(at);
      if (entry !== undefined) entries.push(entry);
    }
    return { entries, next: Math.max(from, end) };
  },
});

export const auditShow = defineOperation({
  id: "audit.show",
  title: "One entry",
  input: z.strictObject({ index }),
  async run({ audit }, { index: at }) {
    const entry = await audit.get(at);
    if (entry !== undefined) return entry;
    throw noSuchEntry(at);
  },
});

export const auditRaw = defineOperation({
  id: "audit.raw",
  title: "One entry's bytes exactly as they were hashed, base64: what a proof is about",
  input: z.strictObject({ index }),
  async run({ audit }, { index: at }) {
    const bytes = await audit.raw(at);
    if (bytes !== undefined) return Buffer.from(bytes).toString("base64");
    throw noSuchEntry(at);
  },
});

export const auditProve = defineOperation({
  id: "audit.prove",
  title: "Proof that an entry is in the log, as a file that others can verify",
  input: z.strictObject({ index }),
  run: ({ audit }, { index: at }) => audit.prove(at),
});

export const auditCheckpoint = defineOperation({
  id: "audit.checkpoint",
  title: "The newest signed checkpoint",
  input: z.strictObject({}),
  async run({ audit }) {
    await audit.flush();
    return { checkpoint: await audit.checkpoint(), key: audit.verifierKey };
  },
});

export const auditReindex = defineOperation({
  id: "audit.reindex",
  title: "Rebuild the index of the log from the log",
  input: z.strictObject({}),
  run: ({ audit }) => audit.rebuildIndex(),
});

function noSuchEntry(at: number): ModelkeepError {
  return new ModelkeepError("api/no-such-entry", {
    message: `the log has no entry ${at}`,
    hint: "`modelkeep audit tail` shows the newest",
    exit: 3,
    status: 404,
  });
}
