import { isModelkeepError } from "../../../base/error/index.ts";
import { parseBundle } from "../envelope/bundle.ts";
import type { Bundle } from "../envelope/bundle.ts";
import { parseStatement } from "../envelope/statement.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import { revocations } from "../trust/judge.ts";
import { verifyBundle } from "../trust/verify-bundle.node.ts";
import type { BundleCheck, SignedBy } from "../trust/verify-bundle.node.ts";
import { readManifest } from "./manifest.ts";
import type { ModelManifest } from "./manifest.ts";

/** What a trusted signer says of a model's files. Whether the files are those is another question. */
export type Claim =
  | { readonly ok: true; readonly signer: SignedBy; readonly manifest: ModelManifest }
  | { readonly ok: false; readonly signer?: SignedBy; readonly digest?: string; readonly reasons: readonly Reason[] };

/**
 * Reads a bundle's bytes and believes them only as far as the policy does. Never throws for what is in them. `read` takes from the bundle what
 * is said of files, once it is believed.
 */
export async function readClaim(
  bytes: Uint8Array,
  check: Omit<BundleCheck, "artefact">,
  read: (bundle: Bundle) => ModelManifest = manifestIn,
): Promise<Claim> {
  const bundle = attempt(() => parseBundle(bytes), "malformed-bundle");
  if ("code" in bundle) return { ok: false, reasons: [bundle] };
  const verdict = await verifyBundle(bundle, check);
  if (!verdict.ok) return { ok: false, reasons: verdict.reasons, ...(verdict.by !== undefined && { signer: verdict.by }) };
  const manifest = attempt(() => read(bundle), "malformed-statement");
  if ("code" in manifest) return { ok: false, signer: verdict.by, reasons: [manifest] };
  const digests = [manifest.rootDigest, ...manifest.resources.map(({ digest }) => `sha256:${digest}`)];
  const reasons = revocations(check.policy, digests, "the model or file");
  if (reasons.length > 0) return { ok: false, signer: verdict.by, digest: manifest.rootDigest, reasons };
  return { ok: true, signer: verdict.by, manifest };
}

function manifestIn({ content }: Bundle): ModelManifest {
  // A signature over bytes alone says nothing of a model; its place is beside a release, not here.
  if (content.kind === "message") return readManifest({ subjects: [], predicateType: "", predicate: undefined });
  return readManifest(parseStatement(content.envelope));
}

function attempt<T extends object>(read: () => T, code: Reason["code"]): T | Reason {
  try {
    return read();
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    return reason(code, error.message);
  }
}
