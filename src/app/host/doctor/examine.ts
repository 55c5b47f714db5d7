import { toModelkeepError } from "../../../base/error/index.ts";
import type { Finding } from "../../../base/finding/index.ts";
import { createRegistry } from "../../../base/registry/index.ts";
import type { Registry } from "../../../base/registry/index.ts";
import { all } from "./checks/_all.ts";
import type { Check, Patient } from "./define.ts";

/** Everything that `modelkeep doctor` looks at. */
export const checks: Registry<Check> = createRegistry("check", all);

export interface Examined {
  readonly name: string;
  readonly status: "checked" | "skipped";
  readonly reason?: string;
  readonly findings: readonly Finding[];
}

/** Runs every check. One that breaks is reported as not checked, with why: it never passes. */
export async function examine(patient: Patient): Promise<Examined[]> {
  const examined: Examined[] = [];
  for (const check of checks.all) {
    try {
      const diagnosis = await check.run(patient);
      examined.push(
        "skipped" in diagnosis
          ? { name: check.id, status: "skipped", reason: diagnosis.skipped, findings: [] }
          : { name: check.id, status: "checked", ...diagnosis },
      );
    } catch (error) {
      examined.push({ name: check.id, status: "skipped", reason: toModelkeepError(error).message, findings: [] });
    }
  }
  return examined;
}
