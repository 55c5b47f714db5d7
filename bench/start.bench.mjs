// Start to first answer, and memory at rest, with the bundled digit model and the embedded store.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startKeep } from "./lib/keep.mjs";
import { usage } from "./lib/processes.mjs";
import { print, round, spread } from "./lib/table.mjs";

const rounds = Number(process.env.PAIRS ?? 5);

async function firstAnswer(state) {
  const began = performance.now();
  const keep = await startKeep({ state });
  const body = JSON.stringify({
    inputs: [{ name: "input", shape: [1, 1, 28, 28], datatype: "FP32", data: Array(784).fill(0.5) }],
  });
  const answer = await fetch(`${keep.url}/v2/models/digits/infer`, {
    method: "POST",
    headers: { authorization: `Bearer ${keep.key}`, "content-type": "application/json" },
    body,
  });
  if (!answer.ok) throw new Error(await answer.text());
  const tookMs = performance.now() - began;
  await sleep(5_000);
  const { residentMb } = usage(keep.pid);
  await keep.stop();
  return { tookMs, residentMb };
}

const first = [];
const again = [];
for (let i = 0; i < rounds; i++) {
  const state = mkdtempSync(join(tmpdir(), "modelkeep-start-"));
  first.push(await firstAnswer(state));
  again.push(await firstAnswer(state));
}
const row = (name, runs, target) => ({
  start: name,
  "first answer ms (min median max)": Object.values(spread(runs.map((run) => run.tookMs)))
    .map((x) => round(x))
    .join(" "),
  "resident MB after 5 s (median)": round(spread(runs.map((run) => run.residentMb)).median),
  target,
});
print("start to first answer, embedded store", [
  row("first", first, "≤ 6 s, ≤ 500 MB"),
  row("existing state", again, "≤ 3 s, ≤ 500 MB"),
]);
