// What a bad key costs, and what a flood of them does to a good client: the flood comes from another loopback address, on the same machine.
import { setTimeout as sleep } from "node:timers/promises";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { startKeep } from "./lib/keep.mjs";
import { binaryRequest, httpRequest, load } from "./lib/load.mjs";
import { usage } from "./lib/processes.mjs";
import { print, quantile, round, spread } from "./lib/table.mjs";

const self = fileURLToPath(import.meta.url);
if (process.argv[2] === "flood") {
  const [, , , url, perSecond, seconds] = process.argv;
  const request = httpRequest({
    path: "/v2/models/digits/infer",
    headers: { authorization: `Bearer mk_${"a".repeat(12)}_${"A".repeat(49)}` },
    body: Buffer.alloc(0),
  });
  const run = await load({
    url,
    request,
    connections: 64,
    perSecond: Number(perSecond),
    seconds: Number(seconds),
    localAddress: "127.0.0.2",
  });
  process.send({ perSecond: run.perSecond, statuses: run.statuses });
  process.disconnect();
} else {
  const seconds = Number(process.env.SECONDS ?? 8);
  const flood = (url, perSecond) => {
    const child = fork(self, ["flood", url, String(perSecond), String(seconds)]);
    return new Promise((resolve) => child.once("message", resolve));
  };
  const path = "/v2/models/digits/infer";

  // One by one: the limits for strangers are lifted, so that each costs a whole 401.
  const open = await startKeep({
    env: {
      MODELKEEP_FIREWALL__BANS__AUTOMATIC: "false",
      MODELKEEP_FIREWALL__LIMITS__STRANGER: "{perSecond: 1e9, burst: 1e9}",
      MODELKEEP_FIREWALL__LIMITS__STRANGERS: "{perSecond: 1e9, burst: 1e9}",
    },
  });
  const costs = [];
  for (let i = 0; i < 5; i++) {
    const before = usage(open.pid).cpuSeconds;
    const bad = httpRequest({
      path,
      headers: { authorization: `Bearer mk_${"a".repeat(12)}_${"A".repeat(49)}` },
      body: Buffer.alloc(0),
    });
    const run = await load({ url: open.url, request: bad, connections: 16, seconds: 4 });
    costs.push({
      cpuUs: ((usage(open.pid).cpuSeconds - before) / run.answers) * 1e6,
      perSecond: run.perSecond,
      statuses: run.statuses,
    });
  }
  await open.stop();
  const cost = spread(costs.map(({ cpuUs }) => cpuUs));
  print("a bad key, before the body is read (target: ≤ 100 µs CPU)", [
    {
      "CPU µs (min median max)": `${round(cost.min)} ${round(cost.median)} ${round(cost.max)}`,
      "refused/s": round(spread(costs.map((x) => x.perSecond)).median),
      statuses: JSON.stringify(costs[0].statuses),
    },
  ]);

  // As it is configured by default.
  const keep = await startKeep();
  const good = binaryRequest({ path, headers: { authorization: `Bearer ${keep.key}` } });
  const rows = [];
  for (let pair = 0; pair < 4; pair++) {
    const quiet = await load({ url: keep.url, request: good, connections: 4, perSecond: 100, seconds });
    const flooding = flood(keep.url, 10_000);
    await sleep(200);
    const under = await load({ url: keep.url, request: good, connections: 4, perSecond: 100, seconds: seconds - 0.5 });
    const flooded = await flooding;
    rows.push({
      "P99 ms quiet": round(quantile(quiet.latenciesMs, 0.99)),
      "P99 ms under flood": round(quantile(under.latenciesMs, 0.99)),
      ratio: round(quantile(under.latenciesMs, 0.99) / quantile(quiet.latenciesMs, 0.99)),
      "flood answers/s": round(flooded.perSecond),
      "good answers": JSON.stringify(under.statuses),
      "flood answers": JSON.stringify(flooded.statuses),
    });
    await sleep(500);
  }
  await keep.stop();
  print("a flood of bad keys and a good client's P99 (target: < 1.25×; flood and client share the machine's cores)", rows);
}
