import { readFileSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "./processes.mjs";

const bin = join(import.meta.dirname, "../../bin/modelkeep.js");

/** Starts our service on a free port with a state folder of its own; the bundled digit model, which is trusted, so in a worker thread. */
export async function startKeep({ args = [], env = {}, state = mkdtempSync(join(tmpdir(), "modelkeep-bench-")) } = {}) {
  const startedMs = performance.now();
  const keep = await start(process.execPath, [bin, "serve", "--port", "0", "--json", "--state", state, ...args], {
    env: { ...process.env, MODELKEEP_LOG__LEVEL: "error", ...env },
    ready(line) {
      const event = JSON.parse(line);
      return event.event === "ready" ? event : undefined;
    },
  });
  const key = readFileSync(keep.value.firstKey, "utf8").trim();
  return { ...keep, url: keep.value.url, key, state, readyMs: performance.now() - startedMs };
}
