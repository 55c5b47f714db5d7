import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Finding } from "../../../../base/finding/index.ts";
import { defineCheck } from "../define.ts";

/** Nobody but the owner may read or write what we keep. */
export const stateFolder = defineCheck({
  id: "state",
  title: "Permissions of the state folder",
  async run({ config }) {
    const root = config.stateDir;
    const names = await readdir(root).catch(() => undefined);
    if (names === undefined) return { skipped: `there is no state folder at ${root} yet` };
    const findings: Finding[] = [];
    for (const path of [root, ...names.map((name) => join(root, name))]) {
      const { mode, uid } = await stat(path);
      const others = mode & 0o077;
      if (others !== 0 || (process.getuid !== undefined && uid !== process.getuid() && process.getuid() !== 0))
        findings.push(open(path, mode, uid));
    }
    return { findings };
  },
});

function open(path: string, mode: number, uid: number): Finding {
  return {
    rule: "state/open-to-others",
    severity: "high",
    message: "a part of the state folder is open to other users",
    where: { file: path },
    evidence: `mode ${(mode & 0o777).toString(8).padStart(4, "0")}, owner ${uid}`,
    why: "keys' digests, the log's signing key and the admin socket lie there",
    fix: "chmod -R go-rwx on the folder, and let the user who runs the service own it",
    references: ["cwe:732"],
  };
}
