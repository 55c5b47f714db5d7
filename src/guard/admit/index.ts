/** Only what is signed and safe runs: a validating admission webhook for Kubernetes over images, models and pod security. */

export type {} from "./errors.ts";
export { decide } from "./decide.ts";
export type { AdmitRules, VerifyDigest } from "./policy.ts";
export { parseReview, reviewOf } from "./review.ts";
export type { AdmissionRequest, Decision } from "./review.ts";
export { createAdmissionServer } from "./server.ts";
export type { AdmissionServer, AdmissionServerParts } from "./server.ts";
export { createVerifier } from "./verifier.ts";
export type { VerifiedDigest, VerifierParts } from "./verifier.ts";
export { watchFiles } from "./watch.ts";
export { modelsAnnotation } from "./workload.ts";
