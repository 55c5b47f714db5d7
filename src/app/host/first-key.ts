import { readFile, rm, writeFile } from "node:fs/promises";
import type { Access } from "../../guard/access/index.ts";

/**
 * On a first start, when no key was ever made, makes one for the administrator and leaves it in `file` (mode 0600): whoever can read the
 * state folder owns the service anyway.
 *
 * @returns true when the file holds a key that was made here and still works.
 */
export async function ensureFirstKey(access: Access, file: string): Promise<boolean> {
  const ever = await access.keys.list({ ended: true });
  if (ever.length > 0) return ever.some((key) => key.state === "active") && (await holdsWorkingKey(access, file));
  const { key } = await access.keys.create({ principal: "admin", role: "admin" }, { principal: "local:first-start" });
  await rm(file, { force: true });
  await writeFile(file, `${key}\n`, { mode: 0o600, flag: "wx" });
  return true;
}

async function holdsWorkingKey(access: Access, file: string): Promise<boolean> {
  const key = await readFile(file, "utf8").catch(() => undefined);
  if (key === undefined) return false;
  return (await access.authenticate(`Bearer ${key.trim()}`, "127.0.0.1")).ok;
}
