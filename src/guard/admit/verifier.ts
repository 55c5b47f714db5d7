import { isModelkeepError } from "../../base/error/index.ts";
import type { Clock } from "../../base/port/index.ts";
import { openRepository, parseReference, verifyImage } from "../../posture/sign/index.node.ts";
import type { RegistryAccess, TrustPolicy } from "../../posture/sign/index.node.ts";

/** What is known of one digest. */
export type VerifiedDigest = { readonly ok: true; readonly signer: string } | { readonly ok: false; readonly reason: string };

export interface VerifierParts {
  readonly policy: () => TrustPolicy;
  readonly access: RegistryAccess;
  readonly attestations: readonly string[];
  readonly clock: Clock;
}

/** How long a digest that is signed stays so without another look: revocations take hold after this. */
const goodMs = 300_000;
/** A refusal is looked at again sooner: people sign, and apply again. */
const badMs = 10_000;
const maxEntries = 10_000;

/**
 * Looks digests up in their registries, each once at a time, and keeps the answer for a while. A registry that does not answer is a
 * refusal: nothing that could not be verified runs.
 */
export function createVerifier({
  policy,
  access,
  attestations,
  clock,
}: VerifierParts): (reference: string) => Promise<VerifiedDigest> {
  const cache = new Map<string, { readonly untilMs: number; readonly answer: Promise<VerifiedDigest> }>();

  const look = async (text: string, trust: TrustPolicy): Promise<VerifiedDigest> => {
    try {
      const reference = parseReference(text);
      const { name, digest } = reference;
      if (digest === undefined) return { ok: false, reason: "it is not pinned by digest" };
      const repository = openRepository(reference, access);
      const nowMs = clock.now();
      const requireSignature = true;
      const verdict = await verifyImage({ repository, name, digest, policy: trust, nowMs, attestations, requireSignature });
      if (!verdict.ok)
        return {
          ok: false,
          reason: verdict.reasons
            .map(({ message }) => message)
            .slice(0, 3)
            .join(", "),
        };
      return { ok: true, signer: verdict.claims[0]?.by.signer ?? "" };
    } catch (error) {
      return { ok: false, reason: isModelkeepError(error) ? error.message : "it could not be looked up" };
    }
  };

  const keep = async (text: string, answer: Promise<VerifiedDigest>, now: number): Promise<void> => {
    const { ok } = await answer;
    if (ok && cache.get(text)?.answer === answer) cache.set(text, { untilMs: now + goodMs, answer });
  };

  let trusted = policy();
  return (text) => {
    const now = clock.now();
    const trust = policy();
    if (trust !== trusted) cache.clear(); // another policy: nothing that was said under the old one holds
    trusted = trust;
    const before = cache.get(text);
    if (before !== undefined && before.untilMs > now) return before.answer;
    const answer = look(text, trust);
    cache.delete(text);
    cache.set(text, { untilMs: now + badMs, answer });
    void keep(text, answer, now);
    if (cache.size > maxEntries) cache.delete(cache.keys().next().value!);
    return answer;
  };
}
