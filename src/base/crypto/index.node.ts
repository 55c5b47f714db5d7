export * from "./index.ts";
export {
  nativeCommit,
  nativeDeriveSalt,
  nativeEqualBytes,
  nativeSaltDeriver,
  nativeSha256,
  nativeSigningKey,
  nativeVerify,
  signingKeyFromPem,
} from "./native.node.ts";
