// The model runner (queue, batching, deadlines, replacement) beside a hand-written worker thread, both called from one thread without any
// network. CPU is the whole process with its children: what the calling thread, the model and the way between them cost a request.
import { readdirSync, readFileSync } from "node:fs";
import { contractOf, readModel } from "../dist/model/onnx/index.js";
import { createRuntime } from "../dist/model/runtime/index.node.js";
import { bareWorker } from "./peers/bare-worker.mjs";
import { print, quantile, round, spread } from "./lib/table.mjs";

const pairs = Number(process.env.PAIRS ?? 5);
const seconds = Number(process.env.SECONDS ?? 2);
const bytes = new Uint8Array(readFileSync(new URL("../examples/models/digits.onnx", import.meta.url)));
const pixels = new Uint8Array(784 * 4).fill(0x3d);

const runtime = createRuntime();
const load = (isolation) => runtime.load({ name: isolation, bytes, contract: contractOf(readModel(bytes)), isolation });
const [worker, child] = [await load("worker"), await load("process")];
const bare = await bareWorker();
const input = { input: { type: "float32", dims: [1, 1, 28, 28], data: pixels } };
const sides = { bare: () => bare.run(pixels), worker: () => worker.run(input), process: () => child.run(input) };

/** CPU seconds of this process and of those it started. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  let ticks = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1].split(" ");
      if (Number(fields[1]) === process.pid) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It ended meanwhile.
    }
  }
  return (user + system) / 1e6 + ticks / 100;
}

async function measure(run, clients) {
  const times = [];
  const until = performance.now() + seconds * 1000;
  const cpuBefore = cpuSeconds();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) {
        const asked = performance.now();
        await run();
        times.push(performance.now() - asked);
      }
    }),
  );
  const took = (performance.now() - started) / 1000;
  return { perSecond: times.length / took, cpuUs: ((cpuSeconds() - cpuBefore) / times.length) * 1e6, p99: quantile(times, 0.99) };
}

const rows = [];
for (const clients of [1, 8, 64]) {
  const seen = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
  for (const run of Object.values(sides)) await measure(run, clients);
  for (let pair = 0; pair < pairs; pair++)
    for (const [side, run] of Object.entries(sides)) seen[side].push(await measure(run, clients));
  for (const side of Object.keys(sides)) {
    const ratio = spread(seen[side].map((figure, i) => figure.perSecond / seen.bare[i].perSecond));
    rows.push({
      clients,
      side,
      "req/s": round(spread(seen[side].map((figure) => figure.perSecond)).median),
      "over bare (min median max)": `${round(ratio.min)} ${round(ratio.median)} ${round(ratio.max)}`,
      "CPU µs/request": round(spread(seen[side].map((figure) => figure.cpuUs)).median),
      "P99 ms": round(spread(seen[side].map((figure) => figure.p99)).median),
    });
  }
}
await Promise.all([runtime.close(), bare.close()]);
print("model runner beside a hand-written worker thread, digit classifier, one row a request", rows);
