import { rename, stat, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { scanBytes } from "../../../posture/scan/index.ts";
import type { ScannedTarget, ScanOptions, TextEdit } from "../../../posture/scan/index.ts";

export interface Fixed {
  readonly path: string;
  readonly rules: readonly string[];
}

/**
 * Writes the edits that findings offer, file by file: first in memory, scanned again, and only when the findings are gone and none is new
 * does the file replace the old one.
 */
export async function fixTargets(targets: readonly ScannedTarget[], options: ScanOptions): Promise<Fixed[]> {
  const fixed: Fixed[] = [];
  for (const { path, status, findings } of targets) {
    const fixable = findings.filter(({ edits }) => (edits?.length ?? 0) > 0);
    if (status !== "scanned" || fixable.length === 0 || path === "-" || path.includes("!")) continue;
    const before = new Uint8Array(readFileSync(path));
    const after = edited(
      before,
      fixable.flatMap(({ edits }) => edits ?? []),
    );
    if (after === undefined || !improves(scanBytes(before, path, options), scanBytes(after, path, options))) continue;
    const { mode } = await stat(path);
    const temporary = `${path}.${randomUUID()}.new`;
    await writeFile(temporary, after, { mode: mode & 0o777, flag: "wx" });
    await rename(temporary, path);
    fixed.push({ path, rules: [...new Set(fixable.map(({ rule }) => rule))] });
  }
  return fixed;
}

const textOf = (targets: readonly ScannedTarget[]): string[] =>
  targets.flatMap(({ findings }) => findings.map(({ rule, message, scope }) => JSON.stringify([rule, message, scope])));

/** Fewer findings than before, and none that was not there. */
function improves(before: readonly ScannedTarget[], after: readonly ScannedTarget[]): boolean {
  const [old, now] = [textOf(before), textOf(after)];
  return (
    now.length < old.length && now.every((finding) => old.includes(finding)) && after.every(({ status }) => status !== "failed")
  );
}

/** Edits from the last to the first, so that offsets hold; the same edit twice is one, and undefined when two overlap. */
function edited(bytes: Uint8Array, edits: readonly TextEdit[]): Uint8Array | undefined {
  const unique = [...new Map(edits.map((edit) => [JSON.stringify(edit), edit])).values()].toSorted((a, b) => b.offset - a.offset);
  let out = Buffer.from(bytes);
  let next = Infinity;
  for (const { offset, length, text } of unique) {
    if (offset + length > next) return undefined;
    out = Buffer.concat([out.subarray(0, offset), Buffer.from(text), out.subarray(offset + length)]);
    next = offset;
  }
  return new Uint8Array(out);
}
