// What a bad key costs, beside the least that Node's own server could do; and what a flood of bad keys does to a good client. The flood comes
// from another loopback address, so from another client, but from the same machine: where it has few cores, the flood's own work is part of what
// the good client feels. That part is measured too: the same flood against a server of Node's that refuses everything.
import { fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startKeep } from "./lib/keep.mjs";
import { badKeyRequest, binaryRequest, load } from "./lib/load.mjs";
import { start, usage } from "./lib/processes.mjs";
import { print, quantile, round, spread } from "./lib/table.mjs";

const pairs = Number(process.env.PAIRS ?? 5);
const seconds = Number(process.env.SECONDS ?? 6);
const floodPerSecond = Number(process.env.FLOOD ?? 10_000);
const badKey = `mk_${"a".repeat(12)}_${"A".repeat(49)}`;

// The limits for strangers are lifted and nobody is banned, so that each costs a whole 401 with its entry or count in the log.
const open = await startKeep({
  env: {
    MODELKEEP_FIREWALL__BANS__AUTOMATIC: "false",
    MODELKEEP_FIREWALL__LIMITS__STRANGER: "{perSecond: 1e9, burst: 1e9}",
    MODELKEEP_FIREWALL__LIMITS__STRANGERS: "{perSecond: 1e9, burst: 1e9}",
  },
});
const bare = await start(process.execPath, [fileURLToPath(new URL("peers/bare-refusal.mjs", import.meta.url))], {
  ready: (line) => JSON.parse(line).url,
});
const sides = [
  { name: "node:http that answers 401", url: bare.value, pid: bare.pid },
  { name: "ours", ...open },
];
const costs = sides.map(() => []);
for (const { url } of sides) await load({ url, request: badKeyRequest(badKey), connections: 16, seconds: 3 });
for (let pair = 0; pair < pairs; pair++) {
  for (const [i, { url, pid }] of sides.entries()) {
    const before = usage(pid).cpuSeconds;
    const run = await load({ url, request: badKeyRequest(badKey), connections: 16, seconds: seconds / 2 });
    if (Object.keys(run.statuses).join() !== "401") throw new Error(JSON.stringify(run.statuses));
    costs[i].push({ cpuUs: ((usage(pid).cpuSeconds - before) / run.answers) * 1e6, perSecond: run.perSecond });
  }
}
await open.stop();
print(
  "a bad key, refused before the body is read (target: ≤ 100 µs CPU)",
  sides.map(({ name }, i) => {
    const { min, median, max } = spread(costs[i].map(({ cpuUs }) => cpuUs));
    return {
      side: name,
      "CPU µs (min median max)": `${round(min)} ${round(median)} ${round(max)}`,
      "refused/s": round(spread(costs[i].map((run) => run.perSecond)).median),
    };
  }),
);

// As it is configured by default.
const keep = await startKeep();
const good = binaryRequest({ headers: { authorization: `Bearer ${keep.key}` } });
const asked = { url: keep.url, request: good, connections: 8, perSecond: 100 };

/** The good client's 99th percentile while somebody floods `target`, or while nobody does. */
async function p99While(target) {
  const flooding = target === undefined ? undefined : flood(target);
  await sleep(1000); // the flood has opened its connections
  const { latenciesMs, statuses, lost } = await load({ ...asked, seconds });
  if (Object.keys(statuses).join() !== "200" || lost > 0)
    throw new Error(`the good client got ${JSON.stringify(statuses)}, ${lost} lost`);
  return { p99: quantile(latenciesMs, 0.99), flooded: await flooding };
}

function flood(url) {
  const child = fork(fileURLToPath(new URL("peers/flood.mjs", import.meta.url)), [
    url,
    badKey,
    String(floodPerSecond),
    String(seconds + 1),
  ]);
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("exit", (code) => code !== 0 && reject(new Error(`the flood ended with ${code}`)));
  });
}

await load({ ...asked, perSecond: undefined, seconds: 4 });
const rows = [];
for (let pair = 0; pair < pairs; pair++) {
  const quiet = await p99While(undefined);
  const elsewhere = await p99While(bare.value);
  const here = await p99While(keep.url);
  rows.push({
    "P99 ms quiet": round(quiet.p99),
    "flood of another server": round(elsewhere.p99),
    "flood of ours": round(here.p99),
    "ours over quiet": round(here.p99 / quiet.p99),
    "ours over the other's": round(here.p99 / elsewhere.p99),
    "flood/s other, ours": `${round(elsewhere.flooded.perSecond)}, ${round(here.flooded.perSecond)}`,
    "ours answered": JSON.stringify(here.flooded.statuses),
  });
}
await Promise.all([keep.stop(), bare.stop()]);
print(`a good client's P99 at 100 requests/s under a flood of ${floodPerSecond} bad keys a second (target: < 1.25×)`, rows);
