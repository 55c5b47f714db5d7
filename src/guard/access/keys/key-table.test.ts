import * as crypto from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createManualClock, systemRandom } from "../../../base/port/index.ts";
import type { KeyRow, PrincipalRow } from "../tables.ts";
import { keyDigest, newKey } from "./format.ts";
import { KeyTable } from "./key-table.ts";

// Watches which work is done, and does it.
vi.mock("node:crypto", async (original) => {
  const real = await original<typeof crypto>();
  return { ...real, hash: vi.fn(real.hash), timingSafeEqual: vi.fn(real.timingSafeEqual) };
});

const address = "198.51.100.7";
const alice: PrincipalRow = { name: "alice", kind: "person", groups: [], created_ms: 0, revision: 1 };

function rowOf({ id, key }: { id: string; key: string }, set: Partial<KeyRow> = {}): KeyRow {
  return {
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
    revoked_ms: null,
    revoked_reason: null,
    replaced_by: null,
    revision: 1,
    ...set,
  };
}

function tableOf(...rows: KeyRow[]): KeyTable {
  const table = new KeyTable(createManualClock(1000), 1000);
  table.apply([alice], rows);
  return table;
}

const [mine, yours] = [newKey(systemRandom), newKey(systemRandom)];
const { id, key } = mine;

const forgeries: [string, string][] = [
  ["nothing", ""],
  ["the id alone", id],
  ["the id and its underscore", `${id}_`],
  ["no checksum", key.slice(0, -6)],
  ["a wrong checksum", `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`],
  ["one character less", key.slice(0, -1)],
  ["one character more", `${key}0`],
  ["my id with your secret", id + yours.key.slice(id.length)],
  ["your id with my secret", yours.id + key.slice(id.length)],
  ["an id of nobody with my secret", `mk_aaaaaaaaaaaa${key.slice(id.length)}`],
  ["upper case", key.toUpperCase()],
  ["lower case", key.toLowerCase()],
  ["the stored digest", keyDigest(key).toString("hex")],
  ["the stored digest as stored", `sha256:${keyDigest(key).toString("hex")}`],
  ["the key twice", `${key}${key}`],
  ["two keys", `${key},${yours.key}`],
  ["in quotes", `"${key}"`],
  ["percent-encoded", key.replace("_", "%5F")],
  ["a NUL at the end", `${key.slice(0, -1)}\u0000`],
  ["a name of Object.prototype", "constructor".padEnd(key.length, "_")],
  ["__proto__", "__proto__".padEnd(key.length, "0")],
  ["SQL", `${id}' or '1'='1`.padEnd(key.length, "0")],
  ["secret of zeros", `${id}_${"0".repeat(49)}`],
  ["base64 padding", `${key.slice(0, -2)}==`],
  ["a Cyrillic look-alike", key.replace("k", "к")],
  ["65 spaces, which is what our decoy is made of", " ".repeat(key.length)],
];

describe("a forged key", () => {
  const table = tableOf(rowOf(mine), rowOf(yours));

  it.for(forgeries)("is refused: %s", ([, forged]) => {
    expect(table.authenticate(`Bearer ${forged}`, address)).toEqual({ ok: false, code: "access/bad-credential" });
  });

  it("is refused at every single changed character", () => {
    for (let at = 0; at < key.length; at++) {
      const forged = key.slice(0, at) + (key[at] === "x" ? "y" : "x") + key.slice(at + 1);
      expect(table.authenticate(`Bearer ${forged}`, address)).toMatchObject({ ok: false });
    }
    expect(table.authenticate(`Bearer ${key}`, address)).toMatchObject({ ok: true });
  });
});

/** One key for each thing that can be wrong. */
const wrongs: [string, string][] = [
  ["unknown id", `mk_aaaaaaaaaaaa${key.slice(id.length)}`],
  ["wrong secret", id + yours.key.slice(id.length)],
  ["revoked", yours.key],
  ["too short", key.slice(0, -1)],
  ["too long", `${key}${"0".repeat(400)}`],
  ["malformed", `${key.slice(0, -1)},`],
];

describe("every wrong key costs the same", () => {
  const table = tableOf(rowOf(mine), rowOf(yours, { revoked_ms: 5 }));
  beforeEach(() => vi.clearAllMocks());

  it.for([...wrongs, ["right", key] as [string, string]])(
    "%s: one hash of 65 characters, one constant-time comparison",
    ([, tried]) => {
      table.authenticate(`Bearer ${tried}`, address);
      expect(vi.mocked(crypto.hash).mock.calls.map(([, text]) => (text as string).length)).toEqual([65]);
      expect(vi.mocked(crypto.timingSafeEqual).mock.calls.map(([a, b]) => [a.byteLength, b.byteLength])).toEqual([[32, 32]]);
    },
  );

  it("and says the same, unless the whole secret was shown", () => {
    const answers = new Set(wrongs.map(([, tried]) => JSON.stringify(table.authenticate(`Bearer ${tried}`, address))));
    expect([...answers]).toEqual(['{"ok":false,"code":"access/bad-credential"}']);
    const ended = tableOf(rowOf(mine, { expires_ms: 10 }), rowOf(yours, { networks: ["10.0.0.0/8"] }));
    const wrong = (right: string) => right.slice(0, -10) + "0000000000";
    expect(ended.authenticate(`Bearer ${key}`, address)).toEqual({ ok: false, code: "access/expired-credential" });
    expect(ended.authenticate(`Bearer ${wrong(key)}`, address)).toEqual({ ok: false, code: "access/bad-credential" });
    expect(ended.authenticate(`Bearer ${yours.key}`, address)).toEqual({ ok: false, code: "access/foreign-network" });
    expect(ended.authenticate(`Bearer ${wrong(yours.key)}`, address)).toEqual({ ok: false, code: "access/bad-credential" });
  });
});

describe("the table of keys", () => {
  it("keeps the newest state of a key, in whatever order states arrive", () => {
    const table = tableOf(rowOf(mine, { revision: 5, models: ["digits"] }));
    table.apply([], [rowOf(mine, { revision: 4 })]);
    expect(table.authenticate(`Bearer ${key}`, address)).toMatchObject({ caller: { models: ["digits"] } });
    table.apply([], [rowOf(mine, { revision: 6, revoked_ms: 1 })]);
    table.apply([], [rowOf(mine, { revision: 5 })]);
    expect(table.authenticate(`Bearer ${key}`, address)).toEqual({ ok: false, code: "access/bad-credential" });
  });

  it("gives the same caller object until something about it changes, and then another", () => {
    const table = tableOf(rowOf(mine));
    const caller = () => {
      const answer = table.authenticate(`Bearer ${key}`, address);
      return answer.ok ? answer.caller : undefined;
    };
    const first = caller();
    expect(caller()).toBe(first);
    expect([first, first?.roles, first?.groups].every(Object.isFrozen)).toBe(true);
    table.apply([{ ...alice, groups: ["blue"], revision: 2 }], []);
    expect(caller()).not.toBe(first);
    expect(caller()?.groups).toEqual(["blue"]);
  });

  it("forgets keys that ended long ago", () => {
    const table = tableOf(rowOf(mine, { expires_ms: 10 }), rowOf(yours));
    table.prune(11);
    expect(table.size).toBe(1);
    expect(table.authenticate(`Bearer ${key}`, address)).toEqual({ ok: false, code: "access/bad-credential" });
  });
});
