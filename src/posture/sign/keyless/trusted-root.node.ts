import { fromUtf8 } from "../../../base/crypto/index.ts";
import type { TrustMaterial } from "@sigstore/verify";

/**
 * Sigstore's `trusted_root.json`: certificate authorities, transparency logs and timestamp authorities to believe. A client trust
 * configuration, as other tools write it around one, is taken, too.
 * @throws what the reading libraries throw
 */
export async function readTrustedRoot(bytes: Uint8Array): Promise<TrustMaterial> {
  const [{ TrustedRoot }, { toTrustMaterial }] = await Promise.all([
    import("@sigstore/protobuf-specs"),
    import("@sigstore/verify"),
  ]);
  const json = JSON.parse(fromUtf8(bytes)) as { trustedRoot?: unknown } | null;
  const root = TrustedRoot.fromJSON(json?.trustedRoot ?? json);
  if (root.certificateAuthorities.length === 0) throw new Error("it names no certificate authority");
  return toTrustMaterial(root);
}
