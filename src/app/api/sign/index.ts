export { attestImageAt, signImageAt, verifyImageAt } from "./image.ts";
export type { AttestImageRequest, ImageRequest, SignedImage, SignImageRequest, VerifyImageRequest } from "./image.ts";
export { openSigner } from "./open-signer.ts";
export type { SignerRequest } from "./open-signer.ts";
export { signPath } from "./sign-path.ts";
export type { SignRequest } from "./sign-path.ts";
export { verifyExit, verifyPath } from "./verify-path.ts";
export type { TrustRequest, Verified, VerifyRequest } from "./verify-path.ts";
