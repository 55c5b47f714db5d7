import type { PodStandard } from "../../posture/scan/index.ts";
import type { VerifiedDigest } from "./verifier.ts";

/** What is asked of objects. */
export interface AdmitRules {
  /** Standard that every pod must meet; none where a cluster leaves that to its own admission plugin. */
  readonly standard: PodStandard | undefined;
  /** Whether images and models must be signed. Without it they must still be pinned by digest. */
  readonly verifySignatures: boolean;
  /** Whether the models that a workload names are looked at. */
  readonly verifyModels: boolean;
  /** Namespaces that are not looked at. The API server can leave them out before it asks; this holds where nobody told it to. */
  readonly exemptNamespaces: readonly string[];
  /** enforce refuses; warn admits and says why it would not; audit admits and writes it to the cluster's audit log alone. */
  readonly mode: "enforce" | "warn" | "audit";
}

/** Whether a digest is signed by someone trusted; the answer may come from a cache. */
export type VerifyDigest = (reference: string) => Promise<VerifiedDigest>;
