import { isModelkeepError } from "../../../base/error/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import {
  parsePublicKey,
  predicateTypeOf,
  readCertificates,
  readTrustedRoot,
  readTrustPolicy,
  verifyAttestation,
  verifyModel,
} from "../../../posture/sign/index.node.ts";
import type {
  AttestationVerdict,
  ModelVerdict,
  SignerProof,
  TrustPolicy,
  VerifyModelOptions,
} from "../../../posture/sign/index.node.ts";
import { attestationPathOf } from "./attest-path.ts";
import { fileAt, mustExist, noFile } from "./files.ts";

/** Whom to believe: a policy, or one signer by itself. */
export interface TrustRequest {
  readonly policy?: string | undefined;
  readonly key?: string | undefined;
  /** PEM files of root certificates. */
  readonly roots?: readonly string[] | undefined;
  readonly identity?: string | undefined;
  readonly issuer?: string | undefined;
  readonly trustedRoot?: string | undefined;
}

export interface VerifyRequest extends TrustRequest, Omit<VerifyModelOptions, "policy" | "nowMs"> {
  /** What must be attested of the model, instead of its signature: a short name or the address of a type. */
  readonly attestation?: string | undefined;
  readonly clock?: Clock;
}

export interface Verified extends ModelVerdict {
  readonly verdict: "verified" | "refused";
  /** Of an attestation. */
  readonly predicateType?: string;
  readonly predicate?: unknown;
}

/**
 * @throws `api/no-such-file`, `sign/bad-policy`, `sign/bad-key`, `sign/bad-certificate`
 * @example
 * const { verdict, reasons } = await verifyPath({ path: "model/", policy: "trust.yaml" });
 */
export async function verifyPath(request: VerifyRequest): Promise<Verified> {
  const { clock = systemClock, path, attestation } = request;
  mustExist(path);
  if (request.signature !== undefined) mustExist(request.signature);
  const policy = await policyOf(request);
  try {
    const check = { ...request, policy, nowMs: clock.now() };
    const verdict = attestation === undefined ? await verifyModel(check) : await attested(check, attestation);
    return { verdict: verdict.ok ? "verified" : "refused", ...verdict };
  } catch (cause) {
    if (isModelkeepError(cause) || (cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw noFile((cause as NodeJS.ErrnoException).path ?? path, cause);
  }
}

function attested(check: VerifyModelOptions, type: string): Promise<AttestationVerdict> {
  const { path, signature = attestationPathOf(path, type) } = check;
  return verifyAttestation({ ...check, signature, predicateType: predicateTypeOf(type) });
}

/** 0 verified, 1 not; 3 when there is nothing that could be: an empty folder whose signature is about no file of it. */
export function verifyExit({ ok, files, reasons }: ModelVerdict): 0 | 1 | 3 {
  if (ok) return files === 0 ? 3 : 0;
  return files === 0 && reasons.length === 0 ? 3 : 1;
}

/** @throws `api/no-such-file`, `sign/bad-policy`, `sign/bad-key`, `sign/bad-certificate` */
export async function policyOf(request: TrustRequest): Promise<TrustPolicy> {
  if (request.policy !== undefined) return readTrustPolicy(request.policy);
  const rules = { name: "command line", scope: ["*"], startsMs: -Infinity, expiresMs: Infinity };
  return { signers: [{ ...rules, ...(await proofOf(request)) }], revoked: [] };
}

async function proofOf({ key, roots = [], identity, issuer, trustedRoot }: TrustRequest): Promise<SignerProof> {
  if (key !== undefined) return { method: "key", key: parsePublicKey(await fileAt(key)) };
  if (roots.length > 0) {
    const found = await Promise.all(roots.map(async (path) => readCertificates(await fileAt(path))));
    return { method: "certificate", roots: found.flat(), identity };
  }
  const root = await fileAt(trustedRoot!);
  try {
    return { method: "keyless", identity: identity!, issuer: issuer!, trustedRoot: await readTrustedRoot(root) };
  } catch (cause) {
    throw noFile(trustedRoot!, Object.assign(new Error("it is no trusted root of Sigstore"), { cause }));
  }
}
