/**
 * After a power cut the embedded database may have lost its last changes, which the audit log still has: the log is synced, the database is
 * not. What shut somebody out is taken from the log again; what let somebody in is not, because the log holds no key's digest.
 */
import { isModelkeepError } from "../../base/error/index.ts";
import type { Actor, Evidence, EvidenceEntry } from "../../base/evidence/index.ts";
import type { Logger } from "../../base/log/index.ts";
import type { Access } from "../../guard/access/index.ts";
import type { AuditLog, AuditQuery } from "../../guard/audit/index.ts";
import type { Firewall } from "../../guard/firewall/index.ts";

export interface ReconcileParts {
  readonly audit: Pick<AuditLog, "search">;
  readonly access: Pick<Access, "keys">;
  readonly firewall: Pick<Firewall, "bans">;
  readonly log: Logger;
  readonly nowMs: number;
}

/** Who is entered as having done it again; the entry before says who did it first. */
const by: Actor & { readonly principal: string } = { principal: "recovery" };
/** The newest of each kind that are looked at: a power cut loses seconds, not months. */
const newest = 500;

/** Revokes keys and sets bans that the log tells of and the database has forgotten; settles with how many. */
export async function reconcile({ audit, access, firewall, log, nowMs }: ReconcileParts): Promise<number> {
  let count = 0;
  for (const { evidence } of await lastOfEach(audit, ["key.revoked"], ({ subject }) => subject?.id)) {
    const id = evidence.subject!.id;
    const key = await access.keys.get(id).catch((error: unknown) => {
      if (isModelkeepError(error) && error.code === "access/unknown-key") return undefined; // its making was lost, too
      throw error;
    });
    if (key === undefined || key.state === "revoked") continue;
    await access.keys.revoke(id, text(evidence.detail?.["reason"]) ?? "revoked before", by);
    log.warn("a key that was revoked had come back with the database; it is revoked again", { key: id });
    count++;
  }
  const inForce = new Set(firewall.bans.list().map(targetOf));
  // By target, not by ban: one that is set again here has another id.
  const told = await lastOfEach(audit, ["ban.set", "ban.lifted", "ban.expired"], (about) =>
    targetOf(about.detail as unknown as BanDetail),
  );
  for (const { evidence } of told) {
    const { kind, target, scope, reason, automatic, untilMs } = evidence.detail as unknown as BanDetail;
    const isOver = untilMs !== null && untilMs <= nowMs;
    if (evidence.kind !== "ban.set" || automatic || isOver || inForce.has(targetOf({ kind, target }))) continue;
    const seconds = untilMs === null ? {} : { seconds: (untilMs - nowMs) / 1000 };
    await firewall.bans.set({ target, kind, scope, reason, ...seconds }, by);
    log.warn("a ban that was set had gone with the database; it is set again", { target });
    count++;
  }
  return count;
}

interface BanDetail {
  readonly kind: "network" | "principal" | "credential";
  readonly target: string;
  readonly scope: "everyone" | "strangers";
  readonly reason: string;
  readonly automatic: boolean;
  readonly untilMs: number | null;
}

function targetOf({ kind, target }: Pick<BanDetail, "kind" | "target">): string {
  return `${kind} ${target}`;
}

/** The last entry about each subject, where it says that something was done and not that it failed after all. */
async function lastOfEach(
  audit: ReconcileParts["audit"],
  kinds: readonly string[],
  subjectOf: (evidence: Evidence) => string | undefined,
): Promise<EvidenceEntry[]> {
  const found: EvidenceEntry[] = [];
  for (const kind of kinds) found.push(...(await audit.search({ kind, limit: newest } satisfies AuditQuery)));
  const last = new Map<string, EvidenceEntry>();
  for (const entry of found.sort((a, b) => b.index - a.index)) {
    const id = subjectOf(entry.evidence);
    if (id !== undefined && !last.has(id)) last.set(id, entry);
  }
  return [...last.values()].filter(({ evidence }) => evidence.outcome === "done");
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
