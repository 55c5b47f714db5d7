import { readSecret } from "../../../base/config/index.node.ts";
import { pemSigner } from "../../../posture/sign/index.node.ts";
import type { Signer } from "../../../posture/sign/index.node.ts";
import { fileAt } from "./files.ts";

export interface SignerRequest {
  /** A PEM file. */
  readonly key: string;
  /** PEM files of certificates: the key's own first, then its issuers. */
  readonly certificates?: readonly string[] | undefined;
  /** Where the passphrase of the key lies: `file:PATH`, `env:NAME` or `stdin`. */
  readonly passphrase?: string | undefined;
}

/**
 * The signer that flags name.
 * @throws `api/no-such-file`, `sign/bad-key`, `sign/bad-certificate`, `config/*` for the passphrase
 */
export async function openSigner({ key, certificates = [], passphrase }: SignerRequest): Promise<Signer> {
  const pems = await Promise.all(certificates.map(fileAt));
  return pemSigner({
    privateKey: await fileAt(key),
    ...(passphrase !== undefined && { passphrase: await readSecret(passphrase) }),
    ...(pems.length > 0 && { certificates: Buffer.concat(pems.flatMap((pem) => [pem, Buffer.from("\n")])) }),
  });
}
