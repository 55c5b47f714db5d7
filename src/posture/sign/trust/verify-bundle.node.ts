import { createHash } from "node:crypto";
import { quote } from "../../../base/error/index.ts";
import { verifyChain } from "../certificate/chain.node.ts";
import type { Bundle } from "../envelope/bundle.ts";
import { preAuthEncoding } from "../envelope/dsse.ts";
import type { VerificationKey } from "../key/verification-key.ts";
import { verifyKeyless } from "../keyless/verify.node.ts";
import { legacyEncoding } from "../model/legacy.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import { revocations, standing } from "./judge.ts";
import type { Occasion } from "./judge.ts";
import { fits } from "./policy.ts";
import type { SignerProof, TrustedSigner, TrustPolicy } from "./policy.ts";

/** Who signed, as far as it is proven. */
export interface SignedBy {
  /** The policy's name for the signer. */
  readonly signer: string;
  readonly method: SignerProof["method"];
  /** `sha256:<hex>` of the key or of the certificates on its path, its own first. */
  readonly fingerprints: readonly string[];
  readonly identity?: string;
  readonly issuer?: string;
}

export type BundleVerdict =
  | { readonly ok: true; readonly by: SignedBy }
  | { readonly ok: false; readonly reasons: readonly Reason[]; readonly by?: SignedBy };

export interface BundleCheck extends Occasion {
  readonly policy: TrustPolicy;
  /** The signed bytes, for a bundle that holds a signature over an artefact instead of an envelope. */
  readonly artefact?: Uint8Array;
}

/**
 * Whether a bundle is signed by someone whom the policy trusts with this. What was signed is for the caller to read, afterwards.
 * @example
 * const verdict = await verifyBundle(parseBundle(bytes), { policy, name: "digits", nowMs: clock.now() });
 */
export async function verifyBundle(bundle: Bundle, check: BundleCheck): Promise<BundleVerdict> {
  const refusals: Refusal[] = [];
  for (const signer of check.policy.signers) {
    const proof = await prove(bundle, signer, check.artefact, check.nowMs);
    if (!proof.ok) {
      refusals.push({ near: proof.near, reasons: proof.reasons });
      continue;
    }
    const by: SignedBy = { signer: signer.name, method: signer.method, ...proof.who };
    const reasons = [...standing(signer, check), ...revocations(check.policy, proof.who.fingerprints, "the key or certificate")];
    if (reasons.length === 0) return { ok: true, by };
    refusals.push({ near: 3, reasons, by });
  }
  return nearest(refusals);
}

interface Refusal {
  /** How near the bundle came to this signer: 0 another method, 1 another key, 2 its key or chain, but something is wrong, 3 proven. */
  readonly near: 0 | 1 | 2 | 3;
  readonly reasons: readonly Reason[];
  readonly by?: SignedBy;
}

/** The refusal that tells most: nobody wants to read that the other five signers did not sign it. */
function nearest(refusals: readonly Refusal[]): BundleVerdict {
  const best = refusals.toSorted((a, b) => b.near - a.near)[0];
  if (best === undefined || best.near === 0)
    return { ok: false, reasons: [reason("wrong-signer", "the policy trusts nobody who signs in this way")] };
  return { ok: false, reasons: best.reasons, ...(best.by !== undefined && { by: best.by }) };
}

type Proof =
  | { readonly ok: true; readonly who: Omit<SignedBy, "signer" | "method"> }
  | { readonly ok: false; readonly near: 0 | 1 | 2; readonly reasons: readonly Reason[] };

const otherWay: Proof = { ok: false, near: 0, reasons: [] };
const unverifiedTime: Proof = {
  ok: false,
  near: 2,
  reasons: [
    reason(
      "bad-transparency",
      "it carries an RFC 3161 timestamp, which is verified only where a keyless signer's trusted root names the authority",
    ),
  ],
};

async function prove(bundle: Bundle, signer: TrustedSigner, artefact: Uint8Array | undefined, nowMs: number): Promise<Proof> {
  const { material } = bundle;
  if (signer.method !== material.method) return otherWay;
  // Time is judged here by the clock. A claim about it that nobody verifies must not look verified.
  if (bundle.isTimestamped && signer.method !== "keyless") return unverifiedTime;
  if (signer.method === "key") return proveKey(bundle, signer.key, artefact);
  if (signer.method === "certificate") {
    const chain = verifyChain({
      certificates: "certificates" in material ? material.certificates : [],
      roots: signer.roots,
      nowMs,
    });
    if (!chain.ok) return { ok: false, near: isStranger(chain.reasons) ? 1 : 2, reasons: chain.reasons };
    const identity = chain.identities.find((one) => signer.identity === undefined || fits(signer.identity, one));
    if (signer.identity !== undefined && identity === undefined) return stranger(chain.identities, signer.identity);
    if (!signs(bundle, chain.key, artefact)) return forged("the key of the certificate");
    return { ok: true, who: { fingerprints: chain.fingerprints, ...(identity !== undefined && { identity }) } };
  }
  const verdict = await verifyKeyless(bundle, signer.trustedRoot, artefact);
  if (!verdict.ok) return { ok: false, near: 2, reasons: verdict.reasons };
  const { identity, issuer, fingerprints } = verdict;
  if (!fits(signer.identity, identity)) return stranger([identity], signer.identity);
  if (issuer !== signer.issuer) return stranger([issuer], signer.issuer);
  return { ok: true, who: { fingerprints, identity, issuer } };
}

function proveKey(bundle: Bundle, key: VerificationKey, artefact: Uint8Array | undefined): Proof {
  if (signs(bundle, key, artefact)) return { ok: true, who: { fingerprints: [key.fingerprint] } };
  const hint = bundle.material.method === "key" ? bundle.material.hint : "";
  if (hint === key.hint) return forged("the key that it names");
  return { ok: false, near: 1, reasons: [reason("wrong-signer", "the signature is by no key of the policy")] };
}

const forged = (whose: string): Proof => ({
  ok: false,
  near: 2,
  reasons: [reason("bad-signature", `the signature does not verify under ${whose}`)],
});

function stranger(found: readonly string[], wanted: string): Proof {
  const message = `it is signed by ${found.map((one) => quote(one)).join(", ") || "nobody"}, and not by ${quote(wanted)}`;
  return { ok: false, near: 1, reasons: [reason("wrong-signer", message)] };
}

const isStranger = (reasons: readonly Reason[]): boolean => reasons.every(({ code }) => code === "untrusted-certificate");

/** Whether one of the envelope's signatures, or the one over the artefact, is by this key. */
function signs({ content, material }: Bundle, key: VerificationKey, artefact: Uint8Array | undefined): boolean {
  if (content.kind === "message") {
    if (artefact === undefined || content.algorithm !== "SHA2_256") return false;
    const digest = createHash("sha256").update(artefact).digest();
    return (
      digest.equals(content.digest) &&
      (key.verify(artefact, content.signature) || key.verify(artefact, content.signature, "sha256"))
    );
  }
  const { payloadType, payload, signatures } = content.envelope;
  const message = preAuthEncoding(payloadType, payload);
  if (signatures.some(({ signature }) => key.verify(message, signature))) return true;
  // Bundles of model-signing 0.2 signed another encoding, always with SHA-256.
  if (material.method === "keyless") return false;
  const old = legacyEncoding(payloadType, payload);
  return old !== undefined && signatures.some(({ signature }) => key.verify(old, signature, "sha256"));
}
