import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start } from "./processes.mjs";

const bin = join(import.meta.dirname, "../../bin/modelkeep.js");

/**
 * Starts our service on a free port, with the bundled digit model, which is trusted, so in a worker thread. Without `state` it has a folder of
 * its own, which goes when it stops.
 */
export async function startKeep({ env = {}, state } = {}) {
  const dir = state ?? mkdtempSync(join(tmpdir(), "modelkeep-bench-"));
  const keep = await start(process.execPath, [bin, "serve", "--port", "0", "--json", "--state", dir], {
    env: { ...process.env, MODELKEEP_LOG__LEVEL: "error", ...env },
    ready(line) {
      const event = JSON.parse(line);
      return event.event === "ready" ? event : undefined;
    },
  });
  const { url, firstKey } = keep.value;
  const stop = async () => {
    await keep.stop();
    if (state === undefined) rmSync(dir, { recursive: true });
  };
  return { pid: keep.pid, stop, url, key: readFileSync(firstKey, "utf8").trim() };
}
