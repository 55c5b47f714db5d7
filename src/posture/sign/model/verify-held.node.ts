import { quote } from "../../../base/error/index.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import type { TrustPolicy } from "../trust/policy.ts";
import type { SignedBy } from "../trust/verify-bundle.node.ts";
import { readClaim } from "./claim.node.ts";
import { hashBytes } from "./hash-file.node.ts";
import type { ModelManifest } from "./manifest.ts";

/** A file that is in memory whole, hashed once already. */
export interface HeldFile {
  /** What the manifest may call it: the first name that it has is taken. */
  readonly names: readonly string[];
  readonly bytes: Uint8Array;
  /** `sha256:<hex>`. */
  readonly digest: string;
}

export interface HeldCheck {
  /** The bundle. */
  readonly signature: Uint8Array;
  readonly policy: TrustPolicy;
  readonly name: string;
  readonly nowMs: number;
  /** Every file that will be used. Of each, one of its forms must be what was signed: sealed, or opened. */
  readonly files: readonly (readonly HeldFile[])[];
}

export type HeldVerdict =
  | { readonly ok: true; readonly signer: SignedBy; readonly digest: string }
  | { readonly ok: false; readonly signer?: SignedBy; readonly digest?: string; readonly reasons: readonly Reason[] };

/**
 * Whether files that were read already are what someone signed whom the policy trusts: the check of a server, which loads these bytes and
 * no others. What else lies in the folder is nobody's concern here.
 */
export async function verifyHeld({ signature, files, ...check }: HeldCheck): Promise<HeldVerdict> {
  const claim = await readClaim(signature, check);
  if (!claim.ok) return claim;
  const { signer, manifest } = claim;
  const reasons = files.flatMap((forms) => problemOf(forms, manifest) ?? []);
  const digest = manifest.rootDigest;
  return reasons.length === 0 ? { ok: true, signer, digest } : { ok: false, signer, digest, reasons };
}

function problemOf(forms: readonly HeldFile[], manifest: ModelManifest): Reason | undefined {
  let wasNamed = false;
  for (const { names, bytes, digest } of forms) {
    const path = names.find((name) => manifest.resources.some((one) => one.path === name));
    if (path === undefined) continue;
    wasNamed = true;
    const signed = manifest.resources.filter((one) => one.path === path);
    const { hashType, shardBytes } = manifest;
    if (hashType === "sha256" && shardBytes === undefined) {
      if (signed.length === 1 && `sha256:${signed[0]!.digest}` === digest) return undefined;
      continue;
    }
    const parts = hashBytes(bytes, { hashType, shardBytes });
    const nameOf = (start: number, end: number) => (shardBytes === undefined ? path : `${path}:${start}:${end}`);
    const found = new Map(parts.map(({ start, end, digest: part }) => [nameOf(start, end), part]));
    if (signed.length === parts.length && signed.every((one) => found.get(one.name) === one.digest)) return undefined;
  }
  const name = forms[0]?.names[0] ?? "";
  return wasNamed
    ? reason("changed-file", `${quote(name, 160)} is not what was signed`, name)
    : reason("extra-file", `${quote(name, 160)} is none of the files that were signed`, name);
}
