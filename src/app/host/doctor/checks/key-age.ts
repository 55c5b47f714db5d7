import type { Finding } from "../../../../base/finding/index.ts";
import { defineCheck } from "../define.ts";

const dayMs = 86_400_000;
const oldDays = 180;
const soonDays = 14;

/** Keys that have lived long, that never end, or that end soon. */
export const keyAge = defineCheck({
  id: "keys",
  title: "Age and expiry of keys",
  async run({ keys, clock }) {
    const found = await keys();
    if (found.length === 0) return { skipped: "there is no key yet" };
    return { findings: found.flatMap((key) => judge(key, clock.now())) };
  },
});

function judge(
  key: { id: string; principal: string; role: string; createdAt: string; expiresAt: string | null },
  nowMs: number,
): Finding[] {
  const ageDays = Math.floor((nowMs - Date.parse(key.createdAt)) / dayMs);
  const leftDays = key.expiresAt === null ? Infinity : (Date.parse(key.expiresAt) - nowMs) / dayMs;
  const whose = { evidence: `key ${key.id} of ${key.principal}, role ${key.role}, ${ageDays} days old`, where: {} };
  if (ageDays >= oldDays) {
    return [
      {
        rule: "keys/old",
        severity: "medium",
        message: `a key has not been changed for ${oldDays} days`,
        ...whose,
        why: "the longer a secret lives, the more places it lies in",
        fix: `modelkeep keys rotate ${key.id}`,
        references: ["cwe:324"],
      },
    ];
  }
  if (leftDays <= soonDays) {
    return [
      {
        rule: "keys/ends-soon",
        severity: "low",
        message: `a key ends within ${soonDays} days`,
        ...whose,
        why: "its holder will be refused from then on",
        fix: `modelkeep keys rotate ${key.id}`,
      },
    ];
  }
  return [];
}
