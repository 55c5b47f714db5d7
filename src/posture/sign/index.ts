/** Who made it, and is it what they made: signatures over models and other artefacts, trust policies, and sealing. */

export type {} from "./errors.ts";
export { reason } from "./reason.ts";
export type { Reason, ReasonCode } from "./reason.ts";
export { bundleMediaType, bundleOf, formatBundle, parseBundle } from "./envelope/bundle.ts";
export type { Bundle, BundleContent, VerificationMaterial } from "./envelope/bundle.ts";
export { envelopeJson, inTotoPayload, parseEnvelope, preAuthEncoding, signEnvelope } from "./envelope/dsse.ts";
export type { Envelope, EnvelopeSignature } from "./envelope/dsse.ts";
export { parseStatement, statementJson } from "./envelope/statement.ts";
export type { Statement, StatementSubject } from "./envelope/statement.ts";
export { digestNames, modelSigningAlgorithms } from "./key/algorithm.ts";
export type { SignatureAlgorithm } from "./key/algorithm.ts";
export type { Signer } from "./key/signer.ts";
export type { VerificationKey } from "./key/verification-key.ts";
export { revocations, standing } from "./trust/judge.ts";
export type { Occasion } from "./trust/judge.ts";
export { fits } from "./trust/policy.ts";
export type { Revocation, SignerProof, SignerRules, TrustedSigner, TrustPolicy } from "./trust/policy.ts";
export { readManifest, rootDigestOf } from "./model/manifest.ts";
export type { HashType, ModelManifest, Resource } from "./model/manifest.ts";
export { openRepository } from "./image/registry.ts";
export type { Repository, StoredManifest } from "./image/registry.ts";
export type { RegistryAccess } from "./image/http.ts";
export type { Descriptor } from "./image/manifest.ts";
export { predicateSlug, predicateTypeOf } from "./image/payload.ts";
export { parseReference } from "./image/reference.ts";
export type { ImageReference } from "./image/reference.ts";
export type { KeyService } from "./seal/key-service.ts";
