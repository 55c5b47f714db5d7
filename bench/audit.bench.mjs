// Three figures of the audit log: durable entries a second in strict mode beside lines in a plain file; what strictness adds to a request's
// latency at 500 requests a second; and the size of a proof.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { auditConfig, createAuditLog, openSigner } from "../dist/guard/audit/index.js";
import { startKeep } from "./lib/keep.mjs";
import { binaryRequest, load } from "./lib/load.mjs";
import { start, usage } from "./lib/processes.mjs";
import { print, quantile, round, spread } from "./lib/table.mjs";
import { grouped, lineByLine } from "./peers/plain-log.mjs";

const pairs = Number(process.env.PAIRS ?? 5);
const seconds = Number(process.env.SECONDS ?? 4);
const inFlight = 512;

/** As the gateway writes it for one inference. */
function entry(number) {
  const hex = number.toString(16).padStart(64, "0");
  return {
    kind: "inference.answered",
    outcome: "done",
    actor: { principal: "alice", credential: "mk_abcdefghijkl", address: "203.0.113.7" },
    action: "infer",
    subject: { type: "model", id: "digits", version: "1", digest: `sha256:${"5e".repeat(32)}` },
    requestId: `c0ffee12-${number.toString(36)}`,
    detail: {
      inputs: [{ name: "input", type: "float32", shape: [1, 1, 28, 28] }],
      outputs: [{ name: "logits", type: "float32", shape: [1, 10] }],
      commitments: { inputs: `hmac-sha256:${hex}`, outputs: `hmac-sha256:${hex}` },
      decision: { policies: ["caller"], digest: `sha256:${"0a".repeat(32)}` },
      cost: { requests: 1, bytes: 3300, rows: 1, modelMs: 0.214 },
      limits: { maxBatch: 256, deadlineMs: 10_000 },
      latencyMs: { queue: 0.1, model: 0.214, total: 1.25 },
      batchRows: 4,
    },
  };
}

/** Keeps `inFlight` entries on their way until the time is over. */
async function fill(log, forSeconds) {
  const untilMs = performance.now() + forSeconds * 1000;
  const { user, system } = process.cpuUsage();
  const startedMs = performance.now();
  let entries = 0;
  const work = async () => {
    while (performance.now() < untilMs) await log.append(entry(entries++));
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  const tookSeconds = (performance.now() - startedMs) / 1000;
  const cpu = process.cpuUsage();
  return { perSecond: entries / tookSeconds, cpuUs: (cpu.user + cpu.system - user - system) / entries };
}

const folder = () => mkdtempSync(join(tmpdir(), "modelkeep-bench-audit-"));
const dirs = [folder(), folder()];
const audit = await createAuditLog({ dir: dirs[0], signer: await openSigner({ dir: dirs[0] }), config: auditConfig.parse({}) });
const logs = {
  "plain file, a sync for each line": await lineByLine(dirs[1]),
  "plain file, grouped": await grouped(dirs[1]),
  ours: audit,
};
const seen = Object.fromEntries(Object.keys(logs).map((name) => [name, []]));
for (const log of Object.values(logs)) await fill(log, 1);
for (let pair = 0; pair < pairs; pair++)
  for (const [name, log] of Object.entries(logs)) seen[name].push(await fill(log, seconds / 2));
await audit.flush();
const proof = await audit.prove(Math.floor(audit.size / 2));
const proofRow = { entries: audit.size, "proof bytes": Buffer.byteLength(proof) };
for (const log of Object.values(logs)) await log.close();
for (const dir of dirs) rmSync(dir, { recursive: true });

print(
  `durable entries, strict, ${inFlight} on their way (target: ≥ 20,000/s)`,
  Object.entries(seen).map(([name, runs]) => {
    const { min, median, max } = spread(runs.map(({ perSecond }) => perSecond));
    const over = spread(runs.map(({ perSecond }, i) => perSecond / seen["plain file, grouped"][i].perSecond));
    return {
      log: name,
      "entries/s (min median max)": [min, median, max].map((figure) => round(figure)).join(" "),
      "over grouped": round(over.median),
      "CPU µs each": round(spread(runs.map(({ cpuUs }) => cpuUs)).median),
    };
  }),
);
print("proof that an entry stands in the log (target: ≤ 1.5 KB)", [proofRow]);

const perSecond = 500;
const strict = await startKeep();
const early = await startKeep({ env: { MODELKEEP_AUDIT__MODE: "async" } });
const bare = await start(process.execPath, [fileURLToPath(new URL("peers/bare-fastify.mjs", import.meta.url))], {
  ready: (line) => JSON.parse(line).url,
});
const sides = [
  { name: "bare Fastify + worker", url: bare.value, pid: bare.pid, request: binaryRequest() },
  { name: "ours, async", ...early, request: binaryRequest({ headers: { authorization: `Bearer ${early.key}` } }) },
  { name: "ours, strict", ...strict, request: binaryRequest({ headers: { authorization: `Bearer ${strict.key}` } }) },
];
for (const side of sides) await load({ ...side, connections: 32, seconds: 4 });
const waits = sides.map(() => []);
for (let pair = 0; pair < pairs; pair++) {
  for (const [i, side] of sides.entries()) {
    const before = usage(side.pid).cpuSeconds;
    const { latenciesMs, answers, lost } = await load({ ...side, connections: 32, perSecond, seconds });
    const cpuUs = ((usage(side.pid).cpuSeconds - before) / answers) * 1e6;
    waits[i].push({ p50: quantile(latenciesMs, 0.5), p99: quantile(latenciesMs, 0.99), cpuUs, lost });
  }
}
await Promise.all([strict.stop(), early.stop(), bare.stop()]);
print(
  `latency at ${perSecond} requests/s, open loop (target: strict adds ≤ 15 ms to the 99th percentile)`,
  sides.map(({ name }, i) => {
    const added = (q) => {
      const { min, median, max } = spread(waits[i].map((run, pair) => run[q] - waits[0][pair][q]));
      return i === 0 ? "" : `${round(min)} ${round(median)} ${round(max)}`;
    };
    return {
      side: name,
      "P50 ms": round(spread(waits[i].map(({ p50 }) => p50)).median),
      "P99 ms": round(spread(waits[i].map(({ p99 }) => p99)).median),
      "P50 over bare (min median max)": added("p50"),
      "P99 over bare (min median max)": added("p99"),
      "CPU µs": round(spread(waits[i].map(({ cpuUs }) => cpuUs)).median),
    };
  }),
);
