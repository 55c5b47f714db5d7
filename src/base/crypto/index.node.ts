export * from "./index.ts";
export {
  nativeCommit,
  nativeSaltDeriver,
  nativeSha256,
  nativeSigningKey,
  nativeVerify,
  signingKeyFromPem,
} from "./native.node.ts";
