import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { storeLaws } from "../../../test/contracts/store.ts";
import { openStore } from "./index.node.ts";

const dir = await mkdtemp(join(tmpdir(), "modelkeep-store-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

// One place, opened and closed in turn: the embedded database is never opened twice at once.
storeLaws("PGlite", async (migrations) => {
  await previous?.close();
  previous = await openStore({ dataDir: join(dir, "db"), migrations });
  return previous;
});
let previous: Awaited<ReturnType<typeof openStore>> | undefined;
