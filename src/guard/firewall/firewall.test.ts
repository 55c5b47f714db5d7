import { sql } from "kysely";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryEvidence, type Actor } from "../../base/evidence/index.ts";
import { silentLogger, silentMeter } from "../../base/log/index.ts";
import { createManualClock } from "../../base/port/index.ts";
import { openStore } from "../../base/store/index.node.ts";
import {
  createFirewall,
  firewallConfig,
  firewallMigrations,
  type Firewall,
  type Irregularity,
  type Verdict,
  type Who,
} from "./index.ts";

const store = await openStore({ migrations: firewallMigrations });
const operator: Actor = { principal: "olga" };
const open: Firewall[] = [];
let clock = createManualClock();
let evidence = createMemoryEvidence();

beforeEach(async () => {
  for (const firewall of open.splice(0)) await firewall.close();
  clock = createManualClock();
  evidence = createMemoryEvidence(() => clock.now());
  const db = store.tables<{ firewall_bans: object; firewall_known: object }>();
  await db.deleteFrom("firewall_bans").execute();
  await db.deleteFrom("firewall_known").execute();
});
afterAll(async () => {
  for (const firewall of open) await firewall.close();
  await store.close();
});

async function start(config: object = {}): Promise<Firewall> {
  const parts = { store, evidence, clock, log: silentLogger, meter: silentMeter };
  const firewall = await createFirewall({ ...parts, config: firewallConfig.parse(config) });
  open.push(firewall);
  return firewall;
}

function repeat(firewall: Firewall, who: Who, event: Irregularity, times: number): Verdict {
  let last: Verdict = { ok: true };
  for (let i = 0; i < times; i++) {
    clock.advance(50);
    last = firewall.observe(who, event);
  }
  return last;
}

/** What the gateway does with a request that carries a valid credential. */
function asks(firewall: Firewall, who: Required<Pick<Who, "address" | "principal">> & Who): Verdict {
  const admitted = firewall.admit(who.address);
  if (!admitted.ok) return admitted;
  const charged = firewall.charge(who, { requests: 1, bytes: 100 });
  if (charged.ok) firewall.settle(who, { modelMs: 1 });
  return charged;
}

const office = "203.0.113.7";

/** The second ban in a row is the first that shuts out everyone. */
async function banTwice(firewall: Firewall): Promise<void> {
  repeat(firewall, { address: office }, "protocol-abuse", 200);
  clock.advance(61_000);
  await firewall.sync();
  repeat(firewall, { address: office }, "protocol-abuse", 200);
}

describe("networks", () => {
  it("that are blocked stay out even where they are allowed or exempt", async () => {
    const firewall = await start({ allow: ["10.0.0.0/8"], block: ["10.66.0.0/16"], bans: { exempt: ["10.66.0.1"] } });
    expect(firewall.admit("10.1.2.3").ok).toBe(true);
    expect(firewall.admit("10.66.0.1")).toMatchObject({ ok: false, code: "firewall/blocked" });
    expect(firewall.connect("10.66.0.2")).toMatchObject({ ok: false, code: "firewall/blocked" });
    expect(firewall.admit("192.0.2.1")).toMatchObject({ ok: false, code: "firewall/blocked" });
    expect(firewall.admit("::ffff:10.1.2.3").ok).toBe(true);
  });

  it("refuses a configuration with a network that is none, and says what was meant", () => {
    const result = firewallConfig.safeParse({ block: ["10.1.0.0/8"] });
    expect(result.error?.issues[0]?.message).toContain("10.0.0.0/8");
  });

  it("takes the word of trusted proxies only", async () => {
    const firewall = await start({ proxies: { trusted: ["10.0.0.0/8"] } });
    expect(firewall.clientAddress("::ffff:10.0.0.1", { "x-forwarded-for": "6.6.6.6, 203.0.113.7" })).toBe("203.0.113.7");
    expect(firewall.clientAddress("203.0.113.9", { "x-forwarded-for": "127.0.0.1" })).toBe("203.0.113.9");
    expect((await start()).clientAddress("10.0.0.1", { "x-forwarded-for": "6.6.6.6" })).toBe("10.0.0.1");
  });
});

describe("connections", () => {
  it("are capped for each address and freed when they close, once each", async () => {
    const firewall = await start({ connections: { perAddress: 2 } });
    const first = firewall.connect(office);
    expect(firewall.connect(office).ok).toBe(true);
    expect(firewall.connect(office)).toMatchObject({ ok: false, code: "firewall/too-many-connections", retryAfterSeconds: 1 });
    expect(firewall.connect("203.0.113.8").ok).toBe(true);
    if (first.ok) first.release!();
    if (first.ok) first.release!();
    expect(firewall.connect(office).ok).toBe(true);
    expect(firewall.connect(office).ok).toBe(false);
  });

  it("count an IPv6 client by its /64", async () => {
    const firewall = await start({ connections: { perAddress: 1 } });
    expect(firewall.connect("2001:db8::1").ok).toBe(true);
    expect(firewall.connect("2001:db8::2").ok).toBe(false);
    expect(firewall.connect("2001:db8:0:1::1").ok).toBe(true);
  });

  it("from strangers leave room for addresses where a client is known", async () => {
    const firewall = await start({ connections: { total: 10 } });
    asks(firewall, { address: office, principal: "alice" });
    for (let i = 0; i < 9; i++) expect(firewall.connect(`198.51.100.${i}`).ok).toBe(true);
    expect(firewall.connect("198.51.100.99")).toMatchObject({ ok: false, code: "firewall/too-many-connections" });
    expect(firewall.connect(office).ok).toBe(true);
    expect(firewall.connect(office).ok).toBe(false);
  });

  it("cannot be opened and dropped without end by strangers", async () => {
    const firewall = await start();
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const verdict = firewall.connect(office);
      if (verdict.ok) verdict.release!();
      else refused++;
    }
    expect(refused).toBe(600); // burst 400
  });
});

describe("limits", () => {
  it("hold strangers tight and callers loosely, at one and the same address", async () => {
    const firewall = await start();
    for (let i = 0; i < 5000; i++) expect(asks(firewall, { address: "127.0.0.1", principal: "bench" }).ok).toBe(true);
    const answers = Array.from({ length: 300 }, () => firewall.observe({ address: "127.0.0.1" }, "protocol-abuse"));
    expect(answers.findIndex(({ ok }) => !ok)).toBeLessThanOrEqual(100);
    expect(asks(firewall, { address: "127.0.0.1", principal: "bench" }).ok).toBe(true);
  });

  it("turn a stranger away before anything is read, once its requests are spent, and say when to come back", async () => {
    const firewall = await start({ bans: { automatic: false } });
    for (let i = 0; i < 100; i++) expect(firewall.observe({ address: office }, "bad-credential").ok).toBe(true);
    const verdict = firewall.admit(office);
    expect(verdict).toMatchObject({ ok: false, code: "firewall/limited", retryAfterSeconds: 1 });
    clock.advance((verdict as { retryAfterMs: number }).retryAfterMs);
    expect(firewall.admit(office).ok).toBe(true);
  });

  it("charge every bucket or none: a refusal for rows costs no request", async () => {
    const firewall = await start({
      limits: { principal: { requests: { perSecond: 1, burst: 3 }, rows: { perSecond: 1, burst: 10 } } },
    });
    const who = { address: office, principal: "alice", model: "digits" };
    expect(firewall.charge(who, { requests: 1, rows: 10 }).ok).toBe(true);
    for (let i = 0; i < 9; i++)
      expect(firewall.charge(who, { requests: 1, rows: 10 })).toMatchObject({ ok: false, retryAfterMs: 10_000 });
    expect(firewall.charge(who, { requests: 2 }).ok).toBe(true);
  });

  it("charge a model only once its use is allowed, then also for what was charged before", async () => {
    const firewall = await start({
      limits: { model: { requests: { perSecond: 1, burst: 2 } }, principal: { requests: { perSecond: 1, burst: 5 } } },
    });
    const alice = { address: office, principal: "alice" };
    const walk = () => {
      const first = firewall.charge(alice, { requests: 1, bytes: 10 });
      return first.ok ? firewall.charge({ ...alice, model: "digits" }, { rows: 1 }, { requests: 1, bytes: 10 }) : first;
    };
    expect([walk(), walk()].map(({ ok }) => ok)).toEqual([true, true]);
    expect(walk()).toMatchObject({ ok: false, reason: expect.stringContaining("this model") });
    expect(firewall.charge(alice, { requests: 2 }).ok).toBe(true);
    expect(firewall.charge(alice, { requests: 1 })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("this principal"),
    });
  });

  it("say so when a cost can never pass, and give no time to retry", async () => {
    const firewall = await start({ limits: { principal: { rows: { perSecond: 5 } } } });
    const verdict = firewall.charge({ address: office, principal: "alice" }, { rows: 11 });
    expect(verdict).toMatchObject({
      ok: false,
      code: "firewall/limited",
      reason: expect.stringContaining("10 at once, and this asks for 11"),
    });
    expect(verdict).not.toHaveProperty("retryAfterSeconds");
  });

  it("settle model time after the run, into debt, for principal, model and both", async () => {
    const firewall = await start({
      limits: {
        principalModel: { modelMs: { perSecond: 100, burst: 100 } },
        models: { big: { modelMs: { perSecond: 1000, burst: 1000 } } },
      },
    });
    const alice = { address: office, principal: "alice", model: "big" };
    const asked = { rows: 1 };
    firewall.settle(alice, { modelMs: 600 });
    expect(firewall.charge(alice, asked)).toMatchObject({
      ok: false,
      retryAfterMs: 5000,
      reason: expect.stringContaining("model time"),
    });
    expect(firewall.charge({ ...alice, principal: "bob" }, asked).ok).toBe(true);
    expect(firewall.charge({ ...alice, model: "small" }, asked).ok).toBe(true);
    firewall.settle({ ...alice, principal: "bob" }, { modelMs: 600 });
    expect(firewall.charge({ ...alice, principal: "carol" }, asked)).toMatchObject({ ok: false, retryAfterMs: 200 });
    clock.advance(200);
    expect(firewall.charge({ ...alice, principal: "carol" }, asked)).toEqual({ ok: true });
  });

  it("settle what was given up too, however little is left, and count it in nobody's favour", async () => {
    const firewall = await start({
      limits: { principal: { modelMs: { perSecond: 100, burst: 100 } } },
      bans: { threshold: 1, points: { forbidden: 0.6, answered: 1 } },
    });
    const alice = { address: office, principal: "alice", credential: "mk_a" };
    expect(firewall.observe(alice, "forbidden")).toEqual({ ok: true });
    firewall.settle(alice, { modelMs: 600 }, "given-up");
    expect(firewall.charge(alice, { requests: 1 })).toMatchObject({ ok: false, retryAfterMs: 5000 });
    expect(firewall.observe(alice, "forbidden")).toMatchObject({ ok: false, code: "firewall/banned" });
  });

  it("charge open questions to their address alone, and go on answering them while strangers are shut out", async () => {
    const firewall = await start({ limits: { stranger: { perSecond: 1, burst: 3 }, strangers: { perSecond: 1, burst: 5 } } });
    for (let i = 0; i < 3; i++) expect(firewall.chargeOpen(office)).toEqual({ ok: true });
    expect(firewall.chargeOpen(office)).toMatchObject({ ok: false, code: "firewall/limited", retryAfterSeconds: 1 });
    for (let i = 0; i < 9; i++) expect(firewall.chargeOpen(`198.51.100.${i}`), `${i}`).toEqual({ ok: true });
    await firewall.bans.set({ target: office, reason: "bad keys", scope: "strangers" }, operator);
    clock.advance(60_000);
    expect(firewall.chargeOpen(office)).toEqual({ ok: true });
  });

  it("take what differs for one principal, and no more", async () => {
    const firewall = await start({ limits: { principals: { slow: { requests: { perSecond: 1, burst: 1 } } } } });
    expect(firewall.charge({ address: office, principal: "slow" }, { requests: 1 }).ok).toBe(true);
    expect(firewall.charge({ address: office, principal: "slow" }, { requests: 1 }).ok).toBe(false);
    expect(firewall.charge({ address: office, principal: "slow" }, { bytes: 1e8 }).ok).toBe(true);
    expect(firewall.charge({ address: office, principal: "other" }, { requests: 100 }).ok).toBe(true);
  });

  it("keep names apart that could be read as each other", async () => {
    const firewall = await start({ limits: { principalModel: { requests: { perSecond: 1, burst: 1 } } } });
    expect(firewall.charge({ address: office, principal: "a", model: "b/c" }, { requests: 1 }).ok).toBe(true);
    expect(firewall.charge({ address: office, principal: "a/b", model: "c" }, { requests: 1 }).ok).toBe(true);
  });

  it("see through a walk over one site's IPv6 networks", async () => {
    const firewall = await start({ bans: { automatic: false } });
    const spent = Array.from({ length: 2000 }, (_, i) =>
      firewall.observe({ address: `2001:db8:1:${i.toString(16)}::1` }, "bad-credential"),
    );
    expect(spent.filter(({ ok }) => ok).length).toBe(800);
  });
});

describe("an office of fifty behind one address, one of them with an expired key in a loop", () => {
  const people = Array.from({ length: 50 }, (_, i) => ({ address: office, principal: `person-${i}`, credential: `key-${i}` }));

  async function loop(firewall: Firewall, seconds: number, perSecond: number): Promise<Verdict> {
    let last: Verdict = { ok: true };
    for (let i = 0; i < seconds * perSecond; i++) {
      clock.advance(1000 / perSecond);
      const admitted = firewall.admit(office);
      last = admitted.ok ? firewall.observe({ address: office }, "bad-credential") : admitted;
    }
    await firewall.sync();
    return last;
  }

  it("goes on working, for hours, while the loop is told that it is banned", async () => {
    const firewall = await start();
    for (const person of people) expect(asks(firewall, person).ok).toBe(true);
    for (let minute = 0; minute < 120; minute++) {
      const looping = await loop(firewall, 60, 5);
      for (const person of people) expect(asks(firewall, person)).toEqual({ ok: true });
      if (minute > 1) expect(looping.ok).toBe(false);
      expect(firewall.connect(office).ok).toBe(true);
    }
    expect(firewall.bans.list()).toMatchObject([
      { kind: "network", target: office, scope: "strangers", reason: "too many bad credentials" },
    ]);
  });

  it("lets a colleague in who was never seen there, because bad credentials shut out strangers only", async () => {
    const firewall = await start();
    await loop(firewall, 120, 20);
    expect(asks(firewall, people[0]!)).toEqual({ ok: true });
  });

  it("tells who mistypes a key during the ban that a valid one still passes", async () => {
    const firewall = await start();
    expect(await loop(firewall, 10, 20)).toMatchObject({
      code: "firewall/banned",
      reason: expect.stringContaining("valid credential still passes"),
    });
  });

  it("keeps its known clients through a restart, and through a flood then", async () => {
    const firewall = await start();
    for (const person of people) asks(firewall, person);
    await firewall.close();
    const again = await start();
    await loop(again, 60, 500);
    for (let i = 0; i < 3000; i++) again.observe({ address: office }, "protocol-abuse");
    expect(again.bans.list().map(({ scope }) => scope)).toEqual(["strangers"]);
    expect(asks(again, people[1]!)).toEqual({ ok: true });
    expect(again.connect(office).ok).toBe(true);
  });

  it("loses nobody but the prober when one person probes with a valid key", async () => {
    const firewall = await start();
    for (const person of people) asks(firewall, person);
    expect(repeat(firewall, people[3]!, "shape-probe", 2000)).toMatchObject({ ok: false, code: "firewall/banned" });
    expect(asks(firewall, people[3]!)).toMatchObject({
      ok: false,
      code: "firewall/banned",
      reason: expect.stringContaining("this credential"),
    });
    expect(asks(firewall, { ...people[3]!, credential: "another key of the same person" }).ok).toBe(true);
    for (const person of people.toSpliced(3, 1)) expect(asks(firewall, person).ok).toBe(true);
  });
});

describe("a ban", () => {
  it("is the first time for strangers, whatever they did, so that a newcomer can still show a valid credential", async () => {
    const firewall = await start();
    for (let i = 0; i < 20_000; i++) {
      clock.advance(2);
      const admitted = firewall.admit(office);
      if (admitted.ok) firewall.observe({ address: office }, i % 2 === 0 ? "protocol-abuse" : "bad-credential");
    }
    expect(firewall.bans.list()).toMatchObject([{ target: office, scope: "strangers", level: 1 }]);
    expect(asks(firewall, { address: office, principal: "newcomer" })).toEqual({ ok: true });
  });

  it("of an address that goes on, and where nobody is known, shuts out everyone, at the connection", async () => {
    const firewall = await start();
    await banTwice(firewall);
    expect(firewall.bans.list()).toMatchObject([{ target: office, scope: "everyone", level: 2, automatic: true }]);
    expect(firewall.connect(office)).toMatchObject({ ok: false, code: "firewall/banned" });
    expect(firewall.admit(office)).toMatchObject({ ok: false, code: "firewall/banned" });
    expect(firewall.admit("203.0.113.8").ok).toBe(true);
  });

  it("of loopback never shuts out everyone, since a proxy on the same machine looks like it", async () => {
    const firewall = await start();
    repeat(firewall, { address: "127.0.0.1" }, "protocol-abuse", 500);
    expect(firewall.bans.list()).toMatchObject([{ scope: "strangers" }]);
    expect(firewall.connect("127.0.0.1").ok).toBe(true);
    expect(asks(firewall, { address: "127.0.0.1", principal: "alice" }).ok).toBe(true);
  });

  it("follows from a flood that goes on after the limit", async () => {
    const firewall = await start();
    for (let i = 0; i < 5000 && firewall.admit(office).ok !== undefined; i++) {
      clock.advance(1);
      if (firewall.admit(office).ok) firewall.charge({ address: office }, { requests: 1 });
    }
    expect(firewall.bans.list()).toMatchObject([{ target: office, reason: expect.stringContaining("after being limited") }]);
  });

  it("grows from a minute to a day, and each good day takes a step back", async () => {
    const firewall = await start();
    const lengths: number[] = [];
    for (let i = 0; i < 6; i++) {
      repeat(firewall, { address: office }, "protocol-abuse", 250);
      const [ban] = firewall.bans.list();
      lengths.push((ban!.untilMs! - ban!.sinceMs) / 1000);
      clock.advance(ban!.untilMs! - clock.now());
      await firewall.sync();
    }
    expect(lengths).toEqual([60, 300, 1800, 21_600, 86_400, 86_400]);
    clock.advance(5 * 86_400_000);
    repeat(firewall, { address: office }, "protocol-abuse", 250);
    expect(firewall.bans.list()[0]!.level).toBe(2);
  });

  it("never comes from a few mistakes, nor from many over a long time", async () => {
    const firewall = await start();
    repeat(firewall, { address: office }, "bad-credential", 20);
    for (let hour = 0; hour < 200; hour++) {
      clock.advance(3_600_000);
      repeat(firewall, { address: office }, "bad-credential", 10);
      repeat(firewall, { address: office, principal: "alice" }, "shape-probe", 50);
    }
    expect(firewall.bans.list()).toEqual([]);
  });

  it("does not fall on a busy client with a share of bad rows", async () => {
    const firewall = await start();
    const who = { address: office, principal: "alice", credential: "k" };
    for (let i = 0; i < 20_000; i++) {
      clock.advance(2);
      if (i % 4 === 0) expect(firewall.observe(who, "shape-probe").ok).toBe(true);
      else firewall.settle(who, { modelMs: 1 });
    }
    expect(firewall.bans.list()).toEqual([]);
  });

  it("falls on a whole IPv6 site that walks through its networks", async () => {
    const firewall = await start();
    const walk = () => {
      for (let i = 0; i < 3000; i++) firewall.observe({ address: `2001:db8:1:${i.toString(16)}::1` }, "protocol-abuse");
    };
    walk();
    clock.advance(61_000);
    await firewall.sync();
    walk();
    expect(firewall.bans.list().map(({ target, level }) => [target, level])).toContainEqual(["2001:db8:1::/48", 2]);
    expect(firewall.admit("2001:db8:1:ffff::1").ok).toBe(false);
    expect(firewall.admit("2001:db8:2::1").ok).toBe(true);
  });

  it("leaves exempt networks alone", async () => {
    const firewall = await start({ bans: { exempt: ["203.0.113.0/24"] } });
    expect(repeat(firewall, { address: office }, "protocol-abuse", 1000)).toEqual({ ok: true });
    expect(firewall.bans.list()).toEqual([]);
    await expect(firewall.bans.set({ target: "203.0.0.0/16", reason: "x" }, operator)).rejects.toMatchObject({
      code: "firewall/bad-ban",
    });
  });

  it("outlives a restart, with the step it stands on", async () => {
    const firewall = await start();
    await banTwice(firewall);
    const before = firewall.bans.list();
    await firewall.close();
    const again = await start();
    expect(again.bans.list()).toEqual(before);
    expect(again.connect(office).ok).toBe(false);
    clock.advance(301_000);
    expect(again.connect(office).ok).toBe(true);
    await again.close();
    const third = await start();
    expect(third.bans.list()).toEqual([]);
    repeat(third, { address: office }, "protocol-abuse", 200);
    expect(third.bans.list()).toMatchObject([{ level: 3 }]);
  });

  it("can be set and lifted by hand, by id or by target, with who and why", async () => {
    const firewall = await start();
    const ban = await firewall.bans.set({ target: "203.0.113.0/24", reason: "scraper", seconds: 90 }, operator);
    expect(firewall.admit(office)).toMatchObject({ ok: false, retryAfterSeconds: 90 });
    expect(firewall.admit("203.0.114.1").ok).toBe(true);
    await firewall.bans.lift(ban.id, operator);
    expect(firewall.admit(office).ok).toBe(true);
    await firewall.bans.set({ target: "alice", kind: "principal", reason: "leaver" }, operator);
    expect(firewall.charge({ address: office, principal: "alice" }, { requests: 1 })).toMatchObject({ code: "firewall/banned" });
    await firewall.bans.lift("alice", operator);
    expect(firewall.charge({ address: office, principal: "alice" }, { requests: 1 }).ok).toBe(true);
    await expect(firewall.bans.lift("alice", operator)).rejects.toMatchObject({ code: "firewall/no-such-ban" });
    await expect(firewall.bans.set({ target: "10.0.0.1/8", reason: "x" }, operator)).rejects.toMatchObject({
      code: "net/bad-network",
    });
    await expect(firewall.bans.set({ target: office, reason: " " }, operator)).rejects.toMatchObject({
      code: "firewall/bad-ban",
    });
  });

  it("by hand is in the log before it holds, and when it cannot be stored the log says that, too", async () => {
    const firewall = await start();
    const refusing = { append: () => Promise.reject(new Error("the disk is full")) };
    const unlogged = await createFirewall({
      store,
      clock,
      log: silentLogger,
      meter: silentMeter,
      evidence: refusing,
      config: firewallConfig.parse({}),
    });
    open.push(unlogged);
    await expect(unlogged.bans.set({ target: office, reason: "x" }, operator)).rejects.toThrow("the disk is full");
    expect(unlogged.bans.list()).toEqual([]);
    const db = store.tables<{ firewall_bans: object }>();
    expect(await db.selectFrom("firewall_bans").selectAll().execute()).toEqual([]);

    await sql`alter table firewall_bans rename to elsewhere`.execute(db);
    await expect(firewall.bans.set({ target: office, reason: "x" }, operator)).rejects.toThrow();
    await sql`alter table elsewhere rename to firewall_bans`.execute(db);
    expect(firewall.bans.list()).toEqual([]);
    expect(evidence.entries.map((entry) => [entry.evidence.kind, entry.evidence.outcome])).toEqual([
      ["ban.set", "done"],
      ["ban.set", "failed"],
    ]);
  });

  it("that is lifted leaves no grudge: the next one is a first one", async () => {
    const firewall = await start();
    for (let i = 0; i < 3; i++) {
      repeat(firewall, { address: office }, "protocol-abuse", 250);
      clock.advance(3_600_000);
      await firewall.sync();
    }
    repeat(firewall, { address: office }, "protocol-abuse", 250);
    await firewall.bans.lift(office, operator);
    await firewall.close();
    const again = await start();
    repeat(again, { address: office }, "protocol-abuse", 250);
    expect(again.bans.list()).toMatchObject([{ level: 1 }]);
  });

  it("leaves proof of its setting, lifting and expiry, once each", async () => {
    const firewall = await start();
    repeat(firewall, { address: office }, "protocol-abuse", 200);
    clock.advance(60_000);
    await firewall.sync();
    await firewall.sync();
    const ban = await firewall.bans.set({ target: "bob", kind: "principal", reason: "asked to" }, operator);
    await firewall.bans.lift(ban.id, { principal: "otto" });
    const told = evidence.entries.map(({ evidence: { kind, actor, subject, detail } }) => [
      kind,
      actor,
      subject?.type,
      detail?.["target"],
    ]);
    expect(told).toEqual([
      ["ban.set", { address: office }, "ban", office],
      ["ban.expired", {}, "ban", office],
      ["ban.set", operator, "ban", "bob"],
      ["ban.lifted", { principal: "otto" }, "ban", "bob"],
    ]);
  });

  it("that strangers cause by the thousand is entered as a number after the first sixty, so they cannot fill the log", async () => {
    const firewall = await start();
    for (let i = 0; i < 500; i++) {
      for (let n = 0; n < 100; n++) firewall.observe({ address: `198.51.${i >> 8}.${i & 255}` }, "protocol-abuse");
    }
    await firewall.sync();
    expect(firewall.bans.list()).toHaveLength(500);
    expect(evidence.entries).toHaveLength(60);
    clock.advance(2000);
    await firewall.sync();
    expect(evidence.entries.at(-1)!.evidence).toMatchObject({ kind: "ban.counted", detail: { "ban.set": 440 } });
    await firewall.bans.lift("198.51.0.7", operator);
    expect(evidence.entries.at(-1)!.evidence.kind).toBe("ban.lifted");
  });

  it("never falls on a trusted proxy for what came through it", async () => {
    const firewall = await start({ proxies: { trusted: ["10.0.0.0/30"] } });
    repeat(firewall, { address: "10.0.0.1" }, "protocol-abuse", 1000);
    expect(firewall.bans.list()).toEqual([]);
  });

  it("makes room for another when there are too many, ending the one that ends first", async () => {
    const firewall = await start({ bans: { maxAutomatic: 3 } });
    for (let i = 1; i <= 5; i++) repeat(firewall, { address: `198.51.100.${i}` }, "protocol-abuse", 150);
    await firewall.sync();
    expect(firewall.bans.list().map(({ target }) => target)).toEqual(["198.51.100.5", "198.51.100.4", "198.51.100.3"]);
  });

  it("holds while store and log are down, and is stored when they are back", async () => {
    let down = true;
    const broken = new Proxy(store.tables<object>(), {
      get: (db, name) => {
        const value: unknown = Reflect.get(db, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (down && name === "insertInto") throw new Error("store is down");
          return value.apply(db, args) as unknown;
        };
      },
    });
    const firewall = await createFirewall({
      config: firewallConfig.parse({}),
      store: { kind: "pglite", tables: () => broken as never, close: () => Promise.resolve() },
      evidence: {
        append: () => (down ? Promise.reject(new Error("log is down")) : evidence.append({ kind: "x", outcome: "done" })),
      },
      clock,
      log: silentLogger,
      meter: silentMeter,
    });
    repeat(firewall, { address: office }, "protocol-abuse", 200);
    await firewall.sync();
    expect(firewall.charge({ address: office }, { requests: 1 })).toMatchObject({ ok: false, code: "firewall/banned" });
    down = false;
    await firewall.close();
    expect((await start()).bans.list()).toHaveLength(1);
  });
});
