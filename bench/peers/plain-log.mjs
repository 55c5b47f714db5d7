// What one writes by hand for an audit log: lines of JSON in a file. Nothing is signed, hashed or found again.
import { open } from "node:fs/promises";
import { join } from "node:path";

/** Each line synced before the next. */
export async function lineByLine(dir) {
  const file = await open(join(dir, "lines.jsonl"), "a");
  let last = Promise.resolve();
  const write = async (before, entry) => {
    await before;
    await file.write(`${JSON.stringify(entry)}\n`);
    await file.datasync();
  };
  return {
    append: (entry) => (last = write(last, entry)),
    close: () => file.close(),
  };
}

/** Lines that come while the disk is busy share the next sync: the bound for any log that groups. */
export async function grouped(dir) {
  const file = await open(join(dir, "groups.jsonl"), "a");
  let waiting = [];
  let running = false;
  async function work() {
    running = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await file.write(group.map(({ line }) => line).join(""));
      await file.datasync();
      for (const { done } of group) done();
    }
    running = false;
  }
  return {
    append: (entry) =>
      new Promise((done) => {
        waiting.push({ line: `${JSON.stringify(entry)}\n`, done });
        if (!running) void work();
      }),
    close: () => file.close(),
  };
}
