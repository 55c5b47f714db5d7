// Start to first answer, and memory at rest, beside a bare Fastify with a worker. With the
// embedded store: in a new state folder, and again in the same. With a PostgreSQL, when POSTGRES_URL names one that may be written to.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startKeep } from "./lib/keep.mjs";
import { askOnce, binaryRequest, load } from "./lib/load.mjs";
import { start, usage } from "./lib/processes.mjs";
import { print, round, spread } from "./lib/table.mjs";

const rounds = Number(process.env.PAIRS ?? 5);
const restSeconds = Number(process.env.SECONDS ?? 5);
const postgres = process.env.POSTGRES_URL;

/** Starts, asks until the first answer, rests, then answers for a while and rests again. */
async function once(begin) {
  const began = performance.now();
  const server = await begin();
  const headers = server.key === undefined ? {} : { authorization: `Bearer ${server.key}` };
  const status = await askOnce({ url: server.url, request: binaryRequest({ headers }) });
  if (status !== "200") throw new Error(`the first answer is ${status}`);
  const tookMs = performance.now() - began;
  const { cpuSeconds } = usage(server.pid);
  await sleep(restSeconds * 1000);
  const restMb = usage(server.pid).residentMb;
  await load({ url: server.url, request: binaryRequest({ headers }), connections: 16, seconds: 3 });
  await sleep(restSeconds * 1000);
  const usedMb = usage(server.pid).residentMb;
  await server.stop();
  return { tookMs, cpuSeconds, restMb, usedMb };
}

async function bare() {
  const server = await start(process.execPath, [fileURLToPath(new URL("peers/bare-fastify.mjs", import.meta.url))], {
    ready: (line) => JSON.parse(line).url,
  });
  return { ...server, url: server.value };
}

const runs = {
  "bare Fastify + worker": [],
  "embedded, new state": [],
  "embedded, existing state": [],
  "PostgreSQL, existing state": [],
};
for (let round = 0; round < rounds; round++) {
  const state = mkdtempSync(join(tmpdir(), "modelkeep-bench-start-"));
  runs["bare Fastify + worker"].push(await once(bare));
  runs["embedded, new state"].push(await once(() => startKeep({ state })));
  runs["embedded, existing state"].push(await once(() => startKeep({ state })));
  rmSync(state, { recursive: true });
  if (postgres === undefined) continue;
  const elsewhere = mkdtempSync(join(tmpdir(), "modelkeep-bench-start-"));
  const begin = () => startKeep({ state: elsewhere, env: { MODELKEEP_STORE__URL: "env:POSTGRES_URL" } });
  if (round === 0) await (await begin()).stop();
  runs["PostgreSQL, existing state"].push(await once(begin));
  rmSync(elsewhere, { recursive: true });
}

const targets = {
  "embedded, new state": "≤ 6 s, ≤ 500 MB",
  "embedded, existing state": "≤ 3 s, ≤ 500 MB",
  "PostgreSQL, existing state": "≤ 250 MB",
};
const middle = (figures) => round(spread(figures).median);
print(
  `start to first answer, and resident memory after ${restSeconds} s at rest, before and after a load`,
  Object.entries(runs)
    .filter(([, seen]) => seen.length > 0)
    .map(([name, seen]) => {
      const { min, median, max } = spread(seen.map(({ tookMs }) => tookMs));
      return {
        start: name,
        "first answer ms (min median max)": `${round(min)} ${round(median)} ${round(max)}`,
        "CPU s": middle(seen.map(({ cpuSeconds }) => cpuSeconds)),
        "MB at rest": middle(seen.map(({ restMb }) => restMb)),
        "MB after load": middle(seen.map(({ usedMb }) => usedMb)),
        target: targets[name] ?? "",
      };
    }),
);
