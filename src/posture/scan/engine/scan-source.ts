/** One file to targets: recognise, parse, hold to the rules, and the same for everything inside. */

import { toModelkeepError } from "../../../base/error/index.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Family, Kind, Member, Opened, Probe } from "../define.ts";
import { refused } from "../refuse.ts";
import { kinds, rulesFor } from "../registry.ts";
import type { ScanFinding, ScannedTarget } from "../result.ts";
import type { ScanContext } from "./context.ts";
import { hitFinding, problemFinding, unreadableFinding } from "./findings.ts";
import { probeOf } from "./probe.ts";

/** Everything in a file, the file itself first. Never throws for what the bytes hold. */
export function* scanSource(source: ByteSource, context: ScanContext, known?: string): Generator<ScannedTarget> {
  const about = { path: context.path, sizeBytes: source.sizeBytes };
  let kind: Kind | undefined;
  let opened: Opened;
  try {
    if (context.depth > context.limits.maxDepth) throw refused(`it lies ${context.depth} archives deep`);
    const found = recognise(source, context, known);
    if (found === undefined) {
      if (context.fileSystem === true) return;
      throw refused("nothing here recognises what it is");
    }
    kind = found.kind;
    opened = withBytes(withHidden(kind.open(source, context), found, { source, context }), source);
  } catch (error) {
    yield { ...about, kind: kind?.id ?? "unknown", status: "failed", findings: [problemFinding(error, context, kind)] };
    return;
  }
  const { damage } = source;
  yield* scanOpened(
    { ...about, kind: opened.kind ?? kind.id, family: kind.family, ...(damage === undefined ? {} : { damage }) },
    opened,
    context,
  );
}

/** A target whose content is known. */
export interface OpenedTarget {
  readonly path: string;
  readonly kind: string;
  readonly family: Family;
  readonly sizeBytes?: number;
  readonly damage?: string;
}

/** The rules over what a kind made of a file or folder, then its members. */
export function* scanOpened(
  { family, damage, ...about }: OpenedTarget,
  opened: Opened,
  context: ScanContext,
): Generator<ScannedTarget> {
  const findings: ScanFinding[] = [];
  const inside: ScannedTarget[] = [];
  let status: ScannedTarget["status"] = opened.nothing === undefined ? "scanned" : "skipped";
  if (damage !== undefined) findings.push(unreadableFinding(context.path, damage, "damaged"));
  if (opened.failure !== undefined) {
    status = "failed";
    findings.push(problemFinding(opened.failure, context, { id: about.kind, family }));
  }
  try {
    for (const subject of opened.subjects) {
      for (const rule of rulesFor(subject.type)) {
        let count = 0;
        for (const hit of rule.check(subject.value as never, context)) {
          if (++count <= context.limits.maxFindingsPerRule) findings.push(hitFinding(rule, hit, context.path));
        }
        if (count > context.limits.maxFindingsPerRule)
          findings.push(
            hitFinding(rule, { message: `${count - context.limits.maxFindingsPerRule} more of the same` }, context.path),
          );
      }
    }
    const fileSystem = opened.fileSystem === true || (context.fileSystem === true && wrappers.has(about.kind));
    for (const member of opened.members ?? []) inside.push(...scanMember(member, { ...context, fileSystem }));
  } catch (error) {
    status = "failed";
    findings.push(problemFinding(error, context, { id: about.kind, family }));
  }
  const reason = opened.nothing === undefined ? {} : { reason: opened.nothing };
  const packages = opened.packages === undefined ? {} : { packages: opened.packages };
  yield { ...about, status, ...reason, findings, ...packages };
  yield* inside;
}

/** The bytes themselves are a subject of every file: what a second program could read into them. */
function withBytes(opened: Opened, source: ByteSource): Opened {
  const reads = opened.subjects.some(({ type }) => type === "pickle");
  return reads ? opened : { ...opened, subjects: [...opened.subjects, { type: "bytes", value: source }] };
}

interface Recognised {
  readonly kind: Kind;
  readonly probe: Probe;
  /** True when the place of the file has said what it is. */
  readonly known: boolean;
}

interface Place {
  readonly source: ByteSource;
  readonly context: ScanContext;
}

/** What other programs would find in the same bytes is looked at as well, and that there is something to find is told. */
function withHidden(opened: Opened, { kind, probe, known }: Recognised, { source, context }: Place): Opened {
  // Installers that carry an archive behind a program are common in a system; what the archive holds is looked at either way.
  if (known || context.fileSystem === true) return opened;
  const loose = opened.nothing !== undefined;
  let all = opened;
  for (const other of kinds) {
    if (other === kind || other.id === kind.of || other.hides?.(probe, loose) !== true) continue;
    const { nothing: _nothing, ...first } = all;
    const value = { first: kind.title, second: other.title };
    all = { ...first, subjects: [...all.subjects, { type: "two-formats", value }] };
    try {
      const { subjects, members = [], failure } = other.open(source, context);
      all = {
        ...all,
        subjects: [...all.subjects, ...subjects],
        members: chain(all.members, members),
        failure: all.failure ?? failure,
      };
    } catch (error) {
      all = { ...all, failure: all.failure ?? toModelkeepError(error) };
    }
  }
  return all;
}

function* chain(first: Iterable<Member> = [], second: Iterable<Member>): Generator<Member> {
  yield* first;
  yield* second;
}

function* scanMember(member: Member, parent: ScanContext): Generator<ScannedTarget> {
  const context: ScanContext = { ...parent, path: `${parent.path}!${member.name}`, depth: parent.depth + 1, folder: undefined };
  let source: ByteSource;
  try {
    source = member.open();
  } catch (error) {
    const packed = { id: "member", family: "model" } as const;
    yield { path: context.path, kind: "unknown", status: "failed", findings: [problemFinding(error, context, packed)] };
    return;
  }
  const found = [...scanSource(source, context, member.known)];
  if (context.fileSystem !== true || worthTelling(found)) yield* found;
}

/** Archives as such: what they hold says what they are. */
const wrappers: ReadonlySet<string> = new Set(["zip", "tar", "gzip", "zlib", "bzip2", "xz", "lzma", "lz4", "7z"]);

/** Among the files of a system, only models, what holds some, and what has findings are targets. */
function worthTelling([first, ...inside]: readonly ScannedTarget[]): boolean {
  if (first === undefined) return false;
  // A changelog with a stray byte is no model that could not be read.
  const findings = first.findings.filter(({ rule }) => first.kind !== "text" || !rule.endsWith("/unparsed"));
  if (findings.length > 0 || inside.length > 0) return true;
  return first.status === "scanned" && first.kind !== "text" && !wrappers.has(first.kind);
}

function recognise(source: ByteSource, context: ScanContext, known: string | undefined): Recognised | undefined {
  const probe = probeOf(source, context.path.split(/[/!]/).at(-1) ?? context.path);
  const asked = context.fileSystem === true ? kinds.filter((one) => isLookedFor(one, probe)) : kinds;
  const kind =
    known === undefined
      ? (asked.find((one) => one.sniff(probe)) ?? asked.find((one) => one.hides?.(probe, true) === true))
      : kinds.find(({ id }) => id === known);
  return kind === undefined ? undefined : { kind, probe, known: known !== undefined };
}

/** Formats that are written as text. */
const textual: ReadonlySet<string> = new Set(["json-model", "lightgbm", "lfs-pointer", "torchscript-code", "text"]);

/**
 * Of the many files of a system: programs are what a system is made of, manifests and Dockerfiles among them are nobody's deployment, and words that happen to begin like a binary
 * format are words. What they would do as a pickle is looked at all the same, by the rule over bytes.
 */
function isLookedFor({ family, id }: Kind, { isText }: Probe): boolean {
  return family === "model" && id !== "program" && (!isText || textual.has(id));
}
