import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openStore } from "../../../base/store/index.node.ts";
import { keyLaws } from "../../../../test/contracts/access.ts";

const dir = await mkdtemp(join(tmpdir(), "modelkeep-access-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

keyLaws("PGlite", (migrations) => openStore({ dataDir: join(dir, "db"), migrations }));
