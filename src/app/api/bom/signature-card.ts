import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { isModelkeepError } from "../../../base/error/index.ts";
import { digestOf } from "../../../base/crypto/index.ts";
import { parseBundle, readSignature, signaturePathOf } from "../../../posture/sign/index.node.ts";
import type { Bundle } from "../../../posture/sign/index.node.ts";
import type { SignatureCard } from "../../report/index.ts";
import { verifyPath } from "../sign/verify-path.ts";
import type { TrustRequest } from "../sign/verify-path.ts";

export interface SignatureRequest {
  readonly path: string;
  readonly signature?: string | undefined;
  /** Whom to believe; without it nobody is, and the card says that nothing was checked. */
  readonly trust?: TrustRequest | undefined;
}

/**
 * The signature that lies beside a model, undefined where none does.
 * @throws what `verifyPath` throws
 */
export async function signatureCardOf({
  path,
  signature = signaturePathOf(path),
  trust,
}: SignatureRequest): Promise<SignatureCard | undefined> {
  if (!existsSync(signature)) return undefined;
  const file = basename(signature);
  if (trust === undefined) return { file, verdict: "not checked", ...claimed(signature) };
  const { verdict, signer, digest } = await verifyPath({ path, signature, ...trust });
  return {
    file,
    verdict,
    signer: signer?.signer,
    method: signer?.method,
    identity: signer?.identity,
    fingerprint: signer?.fingerprints[0],
    digest,
  };
}

/** How the bundle says that it was signed, which nobody has proven. */
function claimed(signature: string): Pick<SignatureCard, "method" | "fingerprint"> {
  let material: Bundle["material"];
  try {
    ({ material } = parseBundle(readSignature(signature)));
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    return {}; // whoever checks it will say what is wrong with it
  }
  if (material.method === "key") return { method: "key" };
  const der = material.method === "keyless" ? material.certificate : material.certificates[0]!;
  return { method: material.method, fingerprint: certificateDigest(der) };
}

function certificateDigest(der: Uint8Array): string | undefined {
  try {
    return digestOf(new Uint8Array(new X509Certificate(der).raw));
  } catch {
    return undefined;
  }
}
