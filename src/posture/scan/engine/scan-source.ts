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
    for (const member of opened.members ?? []) inside.push(...scanMember(member, context));
  } catch (error) {
    status = "failed";
    findings.push(problemFinding(error, context, { id: about.kind, family }));
  }
  yield { ...about, status, ...(opened.nothing === undefined ? {} : { reason: opened.nothing }), findings };
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
  if (known) return opened;
  const loose = opened.nothing !== undefined;
  let all = opened;
  for (const other of kinds) {
    if (other === kind || other.hides?.(probe, loose) !== true) continue;
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
  yield* scanSource(source, context, member.known);
}

function recognise(source: ByteSource, context: ScanContext, known: string | undefined): Recognised {
  const probe = probeOf(source, context.path.split(/[/!]/).at(-1) ?? context.path);
  const kind =
    kinds.find((one) => (known === undefined ? one.sniff(probe) : one.id === known)) ??
    kinds.find((one) => one.hides?.(probe, true) === true);
  if (kind === undefined) throw refused("nothing here recognises what it is");
  return { kind, probe, known: known !== undefined };
}
