/** What was found before and is not to fail today: fingerprints that survive a move of lines. */

import type { ScanFinding, ScannedTarget } from "../result.ts";
import { badFile } from "./exceptions.ts";

/** Rule, target, place by name (not by line) and fact, as a line that a person can read in a review. */
export function fingerprint({ rule, message, where, scope }: ScanFinding): string {
  const { line: _line, byte: _byte, ...place } = where;
  const sorted = Object.entries(place).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([rule, Object.fromEntries(sorted), message, ...(scope === undefined ? [] : [scope])]);
}

/** The text of a baseline that holds these findings. */
export function writeBaseline(targets: readonly ScannedTarget[]): string {
  const found = targets.flatMap(({ findings }) => findings.map(fingerprint));
  return `${JSON.stringify({ baseline: 1, findings: [...new Set(found)].toSorted() }, null, 2)}\n`;
}

/** @throws `scan/bad-exceptions` */
export function parseBaseline(text: string, name: string): ReadonlySet<string> {
  try {
    const { baseline, findings } = JSON.parse(text) as { baseline?: unknown; findings?: unknown };
    if (baseline === 1 && Array.isArray(findings) && findings.every((one) => typeof one === "string")) return new Set(findings);
  } catch {
    // answered below
  }
  throw badFile(name, "no baseline: write one with --write-baseline");
}

export function applyBaseline(
  targets: readonly ScannedTarget[],
  baseline: ReadonlySet<string>,
): { readonly targets: readonly ScannedTarget[]; readonly known: readonly ScanFinding[] } {
  const known: ScanFinding[] = [];
  const remaining = targets.map((target): ScannedTarget => {
    const findings = target.findings.filter((finding) => {
      if (!baseline.has(fingerprint(finding))) return true;
      known.push(finding);
      return false;
    });
    return { ...target, findings };
  });
  return { targets: remaining, known };
}
