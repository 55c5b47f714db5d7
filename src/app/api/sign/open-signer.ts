import { readSecret } from "../../../base/config/index.node.ts";
import { isTokenUri, pemSigner, readTokenUri, tokenSigner } from "../../../posture/sign/index.node.ts";
import type { Signer } from "../../../posture/sign/index.node.ts";
import { fileAt } from "./files.ts";

export interface SignerRequest {
  /** A PEM file, or the name of a key on a token: `pkcs11:token=keep;object=signer?module-path=…` (RFC 7512). */
  readonly key: string;
  /** PEM files of certificates: the key's own first, then its issuers. */
  readonly certificates?: readonly string[] | undefined;
  /** Where the passphrase of the key, or the PIN of the token, lies: `file:PATH`, `env:NAME` or `stdin`. */
  readonly passphrase?: string | undefined;
}

/**
 * The signer that flags name.
 * @throws `api/no-such-file`, `sign/bad-key`, `sign/bad-certificate`, `config/*` for the passphrase
 */
export async function openSigner({ key, certificates = [], passphrase }: SignerRequest): Promise<Signer> {
  const pems = await Promise.all(certificates.map(fileAt));
  const chain = pems.length === 0 ? undefined : Buffer.concat(pems.flatMap((pem) => [pem, Buffer.from("\n")]));
  if (isTokenUri(key)) {
    const named = readTokenUri(key);
    const pin = await readSecret(passphrase ?? named.pinSource ?? "env:MODELKEEP_PIN");
    return tokenSigner({ key: named, pin, certificates: chain });
  }
  return pemSigner({
    privateKey: await fileAt(key),
    ...(passphrase !== undefined && { passphrase: await readSecret(passphrase) }),
    ...(chain !== undefined && { certificates: chain }),
  });
}
