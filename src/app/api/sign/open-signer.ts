import { readSecret } from "../../../base/config/index.node.ts";
import {
  isServiceKey,
  isTokenUri,
  openBackend,
  pemSigner,
  readTokenUri,
  serviceSigner,
  tokenSigner,
} from "../../../posture/sign/index.node.ts";
import type { NamedKeys, Signer } from "../../../posture/sign/index.node.ts";
import { fileAt } from "./files.ts";

export type { NamedKeys } from "../../../posture/sign/index.node.ts";

export interface SignerRequest {
  /** A PEM file, a key on a token (`pkcs11:token=keep;object=signer?module-path=…`, RFC 7512), or one of the configuration's: `kms:release`. */
  readonly key: string;
  /** PEM files of certificates: the key's own first, then its issuers. */
  readonly certificates?: readonly string[] | undefined;
  /** Where the passphrase of the key, or the PIN of the token, lies: `file:PATH`, `env:NAME` or `stdin`. */
  readonly passphrase?: string | undefined;
  /** Those that `kms:` names. */
  readonly named?: NamedKeys | undefined;
}

export const noKeys: NamedKeys = { keys: {}, baseDir: "." };

/**
 * The signer that flags name.
 * @throws `api/no-such-file`, `sign/bad-key`, `sign/bad-certificate`, `sign/no-such-key`, `sign/key-service`, `config/*` for the passphrase
 */
export async function openSigner({ key, certificates = [], passphrase, named = noKeys }: SignerRequest): Promise<Signer> {
  const pems = await Promise.all(certificates.map(fileAt));
  const chain = pems.length === 0 ? undefined : Buffer.concat(pems.flatMap((pem) => [pem, Buffer.from("\n")]));
  if (isServiceKey(key)) return serviceSigner(openBackend(key, named), chain);
  if (isTokenUri(key)) {
    const token = readTokenUri(key);
    const pin = await readSecret(passphrase ?? token.pinSource ?? "env:MODELKEEP_PIN");
    return tokenSigner({ key: token, pin, certificates: chain });
  }
  return pemSigner({
    privateKey: await fileAt(key),
    ...(passphrase !== undefined && { passphrase: await readSecret(passphrase) }),
    ...(chain !== undefined && { certificates: chain }),
  });
}
