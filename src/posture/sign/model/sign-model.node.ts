import { basename, resolve } from "node:path";
import { utf8 } from "../../../base/crypto/index.ts";
import { inTotoPayload, signEnvelope } from "../envelope/dsse.ts";
import { statementJson } from "../envelope/statement.ts";
import { parsePublicKey } from "../key/public-key.node.ts";
import type { Signer } from "../key/signer.ts";
import { hashModel } from "./hash-model.node.ts";
import type { HashModelOptions } from "./hash-model.node.ts";
import { manifestStatement } from "./manifest.ts";
import { writeBundle } from "./write-bundle.node.ts";

export interface SignModelOptions extends HashModelOptions {
  readonly signer: Signer;
}

export interface SignedModel {
  readonly path: string;
  readonly signature: string;
  /** Root digest: names the model, whatever it is called. */
  readonly digest: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly ignored: readonly string[];
  /** Of the key, `sha256:<hex>`. */
  readonly key: string;
  readonly method: "key" | "certificate";
}

/**
 * Signs a model as OpenSSF Model Signing v1.0 says: each file hashed, the list signed, all in one Sigstore bundle beside the model.
 *
 * @throws `sign/bad-path` naming links and what else cannot be signed, `sign/empty`, `sign/changed`, NodeJS.ErrnoException
 * @example
 * await signModel({ path: "model/", signer: pemSigner({ privateKey: await readFile("signer.pem") }) });
 */
export async function signModel(options: SignModelOptions): Promise<SignedModel> {
  const { path, signer, allowSymlinks = false } = options;
  const { signature, ignored, resources, digest, sizeBytes } = hashModel(options);
  const statement = manifestStatement({
    name: basename(resolve(path)),
    hashType: "sha256",
    shardBytes: undefined,
    allowSymlinks,
    ignorePaths: ignored,
    resources,
  });
  const envelope = await signEnvelope(signer, inTotoPayload, utf8(JSON.stringify(statementJson(statement))));
  const { fingerprint: key } = parsePublicKey(signer.publicKey);
  const method = writeBundle(signature, envelope, signer);
  return { path, signature, digest, files: resources.length, sizeBytes, ignored, key, method };
}
