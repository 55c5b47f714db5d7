import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { digitRequest, infer, openHouse, type House, type RunningKeep } from "../helpers/keep.ts";

const rounds = 20;
const clients = 6;

let house: House;
beforeAll(() => {
  house = openHouse({ config: { models: { serve: [] } } });
});
afterAll(() => house.close());

/** What the service has said to somebody, by the index of its entry. */
type Acknowledged = Map<number, string>;

/** Asks again and again until the connection breaks. Only what was received whole counts. */
async function ask(keep: RunningKeep, acknowledged: Acknowledged): Promise<void> {
  const body = digitRequest();
  for (;;) {
    try {
      const answer = await infer({ ...keep, body });
      const index = answer.headers.get("x-modelkeep-entry");
      const id = answer.headers.get("x-request-id");
      if (answer.status !== 200 || index === null || id === null) throw new Error(`answered ${answer.status}`);
      expect(acknowledged.has(Number(index)), `entry ${index} was given out twice`).toBe(false);
      acknowledged.set(Number(index), id);
      await answer.arrayBuffer();
    } catch (error) {
      if (error instanceof TypeError) return; // what fetch throws when the other side is gone
      throw error;
    }
  }
}

interface Shown {
  readonly index: number;
  readonly evidence: { readonly requestId?: string };
}

interface Round {
  /** Made while it served: must work ever after. */
  readonly made: string;
  /** Revoked while it served: must never work again. */
  readonly revoked: string;
  readonly banned: string;
}

/** What an operator does while clients ask, over the admin socket of the serving process: fast, and acknowledged each time. */
async function operate(keep: RunningKeep, round: number): Promise<Round> {
  const { callAdmin } = await import("../../src/app/api/index.ts");
  const socket = `${keep.state}/admin.sock`;
  const create = () => callAdmin(socket, "keys.create", { principal: `p${round}`, role: "caller" });
  const [made, gone] = (await Promise.all([create(), create()])) as { id: string; key: string }[];
  await callAdmin(socket, "keys.revoke", { id: gone!.id, reason: "test" });
  const banned = `203.0.113.${round + 1}`;
  await callAdmin(socket, "bans.set", { target: banned, reason: "test" });
  return { made: made!.key, revoked: gone!.key, banned };
}

it(
  `kill -9 at ${rounds} random points under load: no acknowledged entry, key, revocation or ban is lost, and the log verifies`,
  { timeout: 1_500_000 },
  async () => {
    const acknowledged: Acknowledged = new Map();
    const done: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const keep = await house.serve();
      for (const { made, revoked } of done.slice(-3)) {
        expect((await infer({ ...keep, key: made })).status).toBe(200);
        expect((await infer({ ...keep, key: revoked })).status).toBe(401);
      }
      const asking = Promise.all(Array.from({ length: clients }, () => ask(keep, acknowledged)));
      const had = acknowledged.size;
      done.push(await operate(keep, round));
      await expect.poll(() => acknowledged.size - had, { interval: 5 }).toBeGreaterThan(10);
      await sleep(Math.random() * 400);
      expect(await keep.end("SIGKILL")).toMatchObject({ signal: "SIGKILL" });
      await asking;
      // Without the service: the log as the kill left it, before anything repairs it, lacks nothing that was signed.
      const verdict = house.json<{ ok: boolean; reasons: string[] }>("audit", "verify");
      expect(verdict.reasons).toEqual([]);
    }

    const keep = await house.serve();
    for (const { made, revoked } of done) {
      expect((await infer({ ...keep, key: made })).status).toBe(200);
      expect((await infer({ ...keep, key: revoked })).status).toBe(401);
    }
    const bans = house.json<{ target: string }[]>("bans", "list").map(({ target }) => target);
    expect(done.filter(({ banned }) => !bans.includes(banned) && !bans.includes(`${banned}/32`))).toEqual([]);
    const lines = house.cli("audit", "export").stdout.trimEnd().split("\n");
    const ids = new Map(lines.map((line) => JSON.parse(line) as Shown).map(({ index, evidence }) => [index, evidence.requestId]));
    expect([...acknowledged].filter(([index, id]) => ids.get(index) !== id)).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(rounds * 10);
    expect(house.json<{ ok: boolean }>("audit", "verify").ok).toBe(true);
    // The index that search answers from has kept step with the log.
    const found = house.json<unknown[]>("audit", "search", "--kind", "key.created", "--limit", "1000");
    expect(found.length).toBe(1 + 2 * rounds);
    expect((await keep.end()).code).toBe(0);
  },
);
