/**
 * Findings that someone answers for: each exception names its owner, a reason and mostly a day it ends. What it covers is listed, not
 * hidden, and one that covers nothing any more is reported.
 */

import { parse } from "yaml";
import { ModelkeepError } from "../../../base/error/index.ts";
import type { ExceptedFinding, ScanFinding, ScannedTarget } from "../result.ts";

export interface Exception {
  /** A rule's id, or a family with `/*`. */
  readonly rule: string;
  /** A target's path; `*` stands for any part of it. All targets when left out. */
  readonly path?: string;
  /** A container's name or another part of the target. */
  readonly scope?: string;
  readonly owner: string;
  readonly reason: string;
  /** `YYYY-MM-DD`, the last day. */
  readonly expires?: string;
}

/** @throws `scan/bad-exceptions` */
export function parseExceptions(text: string, name: string): readonly Exception[] {
  let tree: unknown;
  try {
    tree = parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw badFile(name, cause instanceof Error ? cause.message.split("\n")[0]! : "not YAML");
  }
  const { exceptions, ...others } = asObject(tree, name, "the file");
  if (!Array.isArray(exceptions)) throw badFile(name, "exceptions: a list is wanted");
  const [other] = Object.keys(others);
  if (other !== undefined) throw badFile(name, `\`${other}\` is not known here`);
  return exceptions.map((one, i) => readException(one, name, `exceptions.${i}`));
}

const known: ReadonlySet<string> = new Set(["rule", "path", "scope", "owner", "reason", "expires"]);

// By hand and not by a schema: the library of schemas would be most of what a scan of one file has to load.
function readException(value: unknown, name: string, place: string): Exception {
  const found: Record<string, string> = {};
  for (const [key, item] of Object.entries(asObject(value, name, place))) {
    if (!known.has(key)) throw badFile(name, `${place}: \`${key}\` is not known here`);
    const text = item instanceof Date ? item.toISOString().slice(0, 10) : item;
    if (typeof text !== "string" || text === "") throw badFile(name, `${place}.${key}: a text is wanted`);
    found[key] = text;
  }
  for (const key of ["rule", "owner", "reason"]) if (found[key] === undefined) throw badFile(name, `${place}.${key}: is missing`);
  const { expires } = found;
  if (expires !== undefined && !isDay(expires)) throw badFile(name, `${place}.expires: a day like 2027-01-31 is wanted`);
  return found as unknown as Exception;
}

function asObject(value: unknown, name: string, place: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badFile(name, `${place}: names with values are wanted`);
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

export function badFile(name: string, problem: string): ModelkeepError {
  return new ModelkeepError("scan/bad-exceptions", {
    message: `${name}: ${problem}`,
    hint: "exceptions: [{rule, path?, scope?, owner, reason, expires?: 2027-01-31}]; see docs/guide/scan.md",
    exit: 4,
    status: 400,
  });
}

export interface Excepting {
  readonly targets: readonly ScannedTarget[];
  readonly excepted: readonly ExceptedFinding[];
}

/** `today` is `YYYY-MM-DD`; an exception holds up to and including its last day. */
export function applyExceptions(
  targets: readonly ScannedTarget[],
  exceptions: readonly Exception[],
  { today, source }: { readonly today: string; readonly source: string },
): Excepting {
  if (exceptions.length === 0) return { targets, excepted: [] };
  const excepted: ExceptedFinding[] = [];
  const used = new Set<Exception>();
  const remaining = targets.map((target): ScannedTarget => {
    const findings = target.findings.filter((finding) => {
      const found = exceptions.find((candidate) => covers(candidate, finding, target.path));
      if (found === undefined) return true;
      used.add(found);
      if (isOver(found, today)) return true;
      const { owner, reason, expires } = found;
      excepted.push({ ...finding, exception: { owner, reason, ...(expires === undefined ? {} : { expires }) } });
      return false;
    });
    return { ...target, findings };
  });
  const stale = exceptions.filter((one) => !used.has(one) || isOver(one, today));
  if (stale.length === 0) return { targets: remaining, excepted };
  const findings = stale.map((one) =>
    staleFinding(one, source, used.has(one) ? `ended on ${one.expires}` : "covers nothing any more"),
  );
  return {
    targets: [
      ...remaining,
      { path: source, kind: "exceptions", status: "skipped", reason: "the exceptions themselves", findings },
    ],
    excepted,
  };
}

const isOver = ({ expires }: Exception, today: string): boolean => expires !== undefined && expires < today;

function covers({ rule, path, scope }: Exception, finding: ScanFinding, target: string): boolean {
  const isRule = rule === finding.rule || (rule.endsWith("/*") && finding.rule.startsWith(rule.slice(0, -1)));
  return isRule && (path === undefined || matches(path, target)) && (scope === undefined || scope === finding.scope);
}

/** `*` matches any run of characters; without one, the whole path or its end after a `/`. Linear, whatever the pattern. */
function matches(pattern: string, path: string): boolean {
  const pieces = pattern.split("*");
  if (pieces.length === 1) return path === pattern || path.endsWith(`/${pattern}`);
  if (!path.startsWith(pieces[0]!) || !path.endsWith(pieces.at(-1)!)) return false;
  let at = pieces[0]!.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = path.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= path.length - pieces.at(-1)!.length;
}

function staleFinding({ rule, path, owner }: Exception, source: string, state: string): ScanFinding {
  return {
    rule: "model/stale-exception",
    severity: "low",
    message: `the exception for ${rule}${path === undefined ? "" : ` in ${path}`} (${owner}) ${state}`,
    where: { file: source },
    why: "an exception that outlives its reason hides the next finding of the same kind",
    fix: "take it out, or renew it with a new last day",
  };
}
