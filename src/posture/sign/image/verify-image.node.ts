import { isModelkeepError } from "../../../base/error/index.ts";
import { parseStatement } from "../envelope/statement.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import { revocations } from "../trust/judge.ts";
import type { TrustPolicy } from "../trust/policy.ts";
import { verifyBundle } from "../trust/verify-bundle.node.ts";
import type { SignedBy } from "../trust/verify-bundle.node.ts";
import { findSignatures } from "./find-signatures.node.ts";
import type { FoundSignature } from "./find-signatures.node.ts";
import { digestInPayload, signPredicate } from "./payload.ts";
import type { Repository } from "./registry.ts";

export interface VerifyImageOptions {
  readonly repository: Repository;
  /** What scopes of the policy are matched against: `registry/repository`. */
  readonly name: string;
  readonly digest: string;
  readonly policy: TrustPolicy;
  readonly nowMs: number;
  /** Types of predicates, each of which someone trusted must attest. */
  readonly attestations?: readonly string[] | undefined;
  /** Whether a plain signature is needed; it is, unless attestations are asked for. */
  readonly requireSignature?: boolean | undefined;
}

/** One claim about the image that is proven. */
export interface ImageClaim {
  readonly form: FoundSignature["form"];
  /** Undefined for a plain signature. */
  readonly predicateType?: string;
  readonly predicate?: unknown;
  readonly by: SignedBy;
}

export interface ImageVerdict {
  readonly ok: boolean;
  readonly name: string;
  readonly digest: string;
  readonly claims: readonly ImageClaim[];
  readonly reasons: readonly Reason[];
}

/**
 * Whether someone whom the policy trusts signed this digest, and attested what is asked for.
 * @throws `sign/registry` when the registry does not tell: nothing is verified then
 * @example
 * const { ok, reasons } = await verifyImage({ repository, name: "registry.example/app", digest, policy, nowMs: clock.now() });
 */
export async function verifyImage(options: VerifyImageOptions): Promise<ImageVerdict> {
  const { repository, name, digest, policy, nowMs, attestations = [] } = options;
  const found = await findSignatures(repository, digest);
  const claims: ImageClaim[] = [];
  const against: Reason[] = [...found.reasons];
  for (const signature of found.signatures) {
    const { bundle, artefact } = signature;
    const verdict = await verifyBundle(bundle, { policy, name, nowMs, ...(artefact !== undefined && { artefact }) });
    if (!verdict.ok) {
      against.push(...verdict.reasons);
      continue;
    }
    const claim = claimOf(signature, digest);
    if (claim === undefined) against.push(reason("changed-file", "a signature is about another image: it was copied here"));
    else claims.push({ form: signature.form, ...claim, by: verdict.by });
  }
  const missing = lacks(claims, options.requireSignature ?? attestations.length === 0, attestations);
  const revoked = revocations(policy, [digest], "the image");
  const reasons = [...revoked, ...(missing.length === 0 ? [] : [...against, ...missing])];
  return { ok: reasons.length === 0, name, digest, claims, reasons: unique(reasons) };
}

/** What the signed bytes say about the digest; undefined where they speak of another. */
function claimOf(
  { bundle, artefact }: FoundSignature,
  digest: string,
): Pick<ImageClaim, "predicateType" | "predicate"> | undefined {
  if (artefact !== undefined) return digestInPayload(artefact) === digest ? {} : undefined;
  if (bundle.content.kind !== "envelope") return undefined;
  try {
    const { subjects, predicateType, predicate } = parseStatement(bundle.content.envelope);
    if (!subjects.some((subject) => `sha256:${subject.digest["sha256"]}` === digest)) return undefined;
    return predicateType === signPredicate ? {} : { predicateType, predicate };
  } catch (error) {
    if (isModelkeepError(error)) return undefined;
    throw error;
  }
}

function lacks(claims: readonly ImageClaim[], requireSignature: boolean, attestations: readonly string[]): Reason[] {
  const types = new Set(claims.map(({ predicateType }) => predicateType));
  return [
    ...(requireSignature && !types.has(undefined) ? [reason("no-signature", "nobody whom the policy trusts has signed it")] : []),
    ...attestations
      .filter((type) => !types.has(type))
      .map((type) => reason("no-signature", `nobody whom the policy trusts attests ${type}`)),
  ];
}

const unique = (reasons: readonly Reason[]): Reason[] => [
  ...new Map(reasons.map((one) => [`${one.code} ${one.message}`, one])).values(),
];
