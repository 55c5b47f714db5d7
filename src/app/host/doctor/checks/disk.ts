import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { defineCheck } from "../define.ts";

const littleBytes = 2 ** 30;

/** In strict mode a full disk stops the service, so it is better known before. */
export const disk = defineCheck({
  id: "disk",
  title: "Free space for the log and the database",
  async run({ config }) {
    const { bavail, bsize } = await statfs(config.stateDir).catch(() => statfs(dirname(config.stateDir)));
    const freeBytes = bavail * bsize;
    if (freeBytes >= littleBytes) return { findings: [] };
    return {
      findings: [
        {
          rule: "disk/little-space",
          severity: freeBytes < littleBytes / 8 ? "critical" : "high",
          message: "little space is left for the log",
          where: { file: config.stateDir },
          evidence: `${Math.floor(freeBytes / 2 ** 20)} MiB free`,
          why: "in strict mode nothing is answered that cannot be logged",
          fix: "free space, or move the state folder with `--state DIR`",
        },
      ],
    };
  },
});
