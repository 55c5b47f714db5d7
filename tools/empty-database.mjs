// An empty PGlite database for first starts: made once per PGlite version, kept in .cache/, copied beside the compiled store.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "node_modules/@electric-sql/pglite/package.json"), "utf8"));
const cached = join(root, ".cache", `pglite-${version}.tar.gz`);
if (!existsSync(cached)) {
  const { PGlite } = await import("@electric-sql/pglite");
  const db = await PGlite.create();
  const dump = Buffer.from(await (await db.dumpDataDir("gzip")).arrayBuffer());
  await db.close();
  mkdirSync(join(root, ".cache"), { recursive: true });
  writeFileSync(`${cached}.${process.pid}`, dump);
  renameSync(`${cached}.${process.pid}`, cached);
}
const to = join(root, "dist/base/store");
mkdirSync(to, { recursive: true });
cpSync(cached, join(to, "empty-database.tar.gz"));
