import { readFile } from "node:fs/promises";
import { statSync } from "node:fs";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import {
  applyBaseline,
  applyExceptions,
  defaultLimits,
  joinedFindings,
  parseBaseline,
  parseExceptions,
  scanPath,
  scanStream,
  summarise,
} from "../../../posture/scan/index.node.ts";
import type { ScannedTarget, ScanPathOptions, ScanResult, Together } from "../../../posture/scan/index.node.ts";
import type {} from "../errors.ts";

export interface ScanRequest extends ScanPathOptions {
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** A file of exceptions. */
  readonly exceptions?: string | undefined;
  /** A file of what was found before. */
  readonly baseline?: string | undefined;
  readonly clock?: Clock;
}

/**
 * Looks at everything at and below the paths.
 * @throws `api/no-such-file` for a path where nothing is, `scan/bad-exceptions`
 * @example
 * const { targets, summary } = await scanPaths({ paths: ["models/"] });
 */
export async function scanPaths(request: ScanRequest): Promise<ScanResult> {
  const { paths, stdin, exceptions, baseline, clock = systemClock, ...options } = request;
  const accepted = exceptions === undefined ? [] : parseExceptions(await textAt(exceptions), exceptions);
  const before = baseline === undefined ? new Set<string>() : parseBaseline(await textAt(baseline), baseline);
  for (const path of paths) if (path !== "-") statOf(path);
  const found: ScannedTarget[] = [];
  const together: Together = [];
  const seen = new Set<string>();
  for (const path of new Set(paths)) {
    const targets =
      path === "-"
        ? await scanStream(stdin ?? process.stdin, { ...options, together })
        : scanPath(path, { ...options, together });
    for (const target of targets) {
      if (seen.has(target.path)) continue; // `scan a a/b` names b twice
      seen.add(target.path);
      found.push(target);
    }
  }
  const today = new Date(clock.now()).toISOString().slice(0, 10);
  const limits = { ...defaultLimits, ...options.limits };
  const whole = joinedFindings(found, { options, limits, together });
  const excepting = applyExceptions(whole, accepted, { today, source: exceptions ?? "" });
  const { targets, known } = applyBaseline(excepting.targets, before);
  return { targets, summary: summarise(targets), excepted: excepting.excepted, known };
}

function statOf(path: string): void {
  try {
    statSync(path);
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw new ModelkeepError("api/no-such-file", {
      message: `${quote(path, 160)} cannot be read: ${code === "ELOOP" ? "it is a link that goes round" : code}`,
      hint: "give the path of a file or folder that this user may read, or `-` for standard input",
      exit: 4,
      cause,
    });
  }
}

async function textAt(path: string): Promise<string> {
  statOf(path);
  return readFile(path, "utf8");
}
