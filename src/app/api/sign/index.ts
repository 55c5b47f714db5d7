export { openSigner } from "./open-signer.ts";
export type { SignerRequest } from "./open-signer.ts";
export { signPath } from "./sign-path.ts";
export type { SignRequest } from "./sign-path.ts";
export { verifyExit, verifyPath } from "./verify-path.ts";
export type { Verified, VerifyRequest } from "./verify-path.ts";
