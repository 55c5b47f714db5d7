export * from "./index.ts";
export {
  nativeCommit,
  nativeDeriveSalt,
  nativeEqualBytes,
  nativeSha256,
  nativeSigningKey,
  nativeVerify,
  signingKeyFromPem,
} from "./native.node.ts";
