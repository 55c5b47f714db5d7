import { createHash } from "node:crypto";
import { fromBase64, toBase64 } from "../../../base/crypto/index.ts";
import { z } from "zod";
import { readCertificates } from "../certificate/pem.node.ts";
import { bundleOf } from "../envelope/bundle.ts";
import type { Bundle } from "../envelope/bundle.ts";
import { annotationOf } from "./payload.ts";

const rekor = z.object({
  SignedEntryTimestamp: z.string(),
  Payload: z.object({ body: z.string(), integratedTime: z.int(), logIndex: z.int(), logID: z.string().regex(/^[0-9a-f]{64}$/) }),
});

/**
 * A signature of cosign's older form as the Sigstore bundle that says the same: everything is verified in one way.
 * @throws `sign/malformed-bundle` and what reading certificates throws
 */
export function legacyBundle(annotations: Readonly<Record<string, string>>, payload: Uint8Array): Bundle {
  const signature = annotations[annotationOf.signature] ?? "";
  const digest = createHash("sha256").update(payload).digest("base64");
  const certificate = annotations[annotationOf.certificate];
  const logged = annotations[annotationOf.logged];
  return bundleOf({
    mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
    verificationMaterial:
      certificate === undefined ? { publicKey: { hint: "" } } : certified(certificate, annotations[annotationOf.chain], logged),
    messageSignature: { messageDigest: { algorithm: "SHA2_256", digest }, signature },
  });
}

function certified(certificate: string, chain: string | undefined, logged: string | undefined): object {
  const own = readCertificates(certificate);
  // With a log entry it is keyless, and the issuers come from the trusted root; without one the chain must lead to a root of the policy.
  const others = logged === undefined && chain !== undefined ? readCertificates(chain) : [];
  const certificates = [...own, ...others].map((der) => ({ rawBytes: toBase64(der) }));
  return { x509CertificateChain: { certificates }, tlogEntries: logged === undefined ? [] : [entryOf(logged)] };
}

/** Rekor's promise to include an entry, from the form in which cosign stored it. */
function entryOf(logged: string): object {
  const { SignedEntryTimestamp, Payload } = rekor.parse(JSON.parse(logged));
  const body = JSON.parse(new TextDecoder().decode(fromBase64(Payload.body))) as { kind?: unknown; apiVersion?: unknown };
  return {
    logIndex: String(Payload.logIndex),
    logId: { keyId: Buffer.from(Payload.logID, "hex").toString("base64") },
    kindVersion: { kind: body.kind, version: body.apiVersion },
    integratedTime: String(Payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
    canonicalizedBody: Payload.body,
  };
}
