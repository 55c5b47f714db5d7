// The whole chain (cached key, Cedar, limits, contract, strict audit) over bare Fastify with the same worker inference. Same model, binary
// tensors, same client, in turn. CPU is the server's, all threads and children, from /proc.
import { join } from "node:path";
import { startKeep } from "./lib/keep.mjs";
import { binaryRequest, load } from "./lib/load.mjs";
import { start, usage } from "./lib/processes.mjs";
import { print, round, spread } from "./lib/table.mjs";

const pairs = Number(process.env.PAIRS ?? 5);
const seconds = Number(process.env.SECONDS ?? 6);
const path = "/v2/models/digits/infer";

async function measure(pid, url, request, connections) {
  await load({ url, request, connections, seconds: 3 });
  const before = usage(pid).cpuSeconds;
  const run = await load({ url, request, connections, seconds });
  const cpuUs = ((usage(pid).cpuSeconds - before) / run.answers) * 1e6;
  const bad = Object.entries(run.statuses).filter(([status]) => status !== "200");
  if (bad.length > 0 || run.answers === 0) throw new Error(`not all answered: ${JSON.stringify(run.statuses)}`);
  return { cpuUs, perSecond: run.perSecond };
}

const keep = await startKeep();
const bare = await start(process.execPath, [join(import.meta.dirname, "peers/bare-fastify.mjs")], {
  ready: (line) => JSON.parse(line).url,
});
const rows = [];
for (const connections of [1, 16, 64]) {
  const ours = [];
  const theirs = [];
  for (let pair = 0; pair < pairs; pair++) {
    theirs.push(await measure(bare.pid, bare.value, binaryRequest({ path }), connections));
    ours.push(
      await measure(keep.pid, keep.url, binaryRequest({ path, headers: { authorization: `Bearer ${keep.key}` } }), connections),
    );
  }
  const added = spread(ours.map((our, i) => our.cpuUs - theirs[i].cpuUs));
  const ratio = spread(ours.map((our, i) => our.perSecond / theirs[i].perSecond));
  rows.push({
    connections,
    "bare req/s": round(spread(theirs.map((x) => x.perSecond)).median),
    "ours req/s": round(spread(ours.map((x) => x.perSecond)).median),
    "throughput ratio (min median max)": `${round(ratio.min)} ${round(ratio.median)} ${round(ratio.max)}`,
    "bare CPU µs": round(spread(theirs.map((x) => x.cpuUs)).median),
    "ours CPU µs": round(spread(ours.map((x) => x.cpuUs)).median),
    "added CPU µs (min median max)": `${round(added.min)} ${round(added.median)} ${round(added.max)}`,
  });
}
await Promise.all([keep.stop(), bare.stop()]);
print("whole chain over bare Fastify + worker inference (target: ≤ 80 µs CPU a request, ≥ 0.6× throughput)", rows);
