import { createPrivateKey, createPublicKey, sign, X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { ModelkeepError } from "../../../base/error/index.ts";
import { readCertificates } from "../certificate/pem.node.ts";
import type {} from "../errors.ts";
import { digestNames } from "./algorithm.ts";
import { algorithmOf, badKey } from "./public-key.node.ts";
import type { Signer } from "./signer.ts";

export interface PemSignerParts {
  /** PKCS #8 or SEC 1, PEM. */
  readonly privateKey: string | Uint8Array;
  readonly passphrase?: string | undefined;
  /** PEM certificates, the key's own first. */
  readonly certificates?: string | Uint8Array | undefined;
}

/**
 * A signer whose key is at hand as PEM text.
 * @throws `sign/bad-key`; `sign/bad-certificate` when the first certificate is of another key
 * @example
 * const signer = pemSigner({ privateKey: await readFile("signer.pem") });
 */
export function pemSigner({ privateKey, passphrase, certificates }: PemSignerParts): Signer {
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: Buffer.from(privateKey as Uint8Array),
      format: "pem",
      ...(passphrase !== undefined && { passphrase }),
    });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ERR_MISSING_PASSPHRASE")
      throw badKey("is encrypted", "give its passphrase with --passphrase file:PATH or env:NAME", cause);
    if (passphrase !== undefined) throw badKey("does not open with this passphrase, or is no private key", "check both", cause);
    throw badKey(
      "is not a private key in PEM form",
      "make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`",
      cause,
    );
  }
  const algorithm = algorithmOf(key);
  const publicKey = new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" }));
  const chain = certificates === undefined ? [] : readCertificates(certificates);
  checkBelongs(chain[0], publicKey);
  return {
    algorithm,
    publicKey,
    certificates: chain,
    sign: async (message) => new Uint8Array(sign(digestNames[algorithm], message, key)),
    close: async () => undefined,
  };
}

/** @throws `sign/bad-certificate` when the certificate is there and of another key */
export function checkBelongs(certificate: Uint8Array | undefined, publicKey: Uint8Array): void {
  if (certificate === undefined) return;
  const certified = new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
  if (certified.equals(publicKey)) return;
  throw new ModelkeepError("sign/bad-certificate", {
    message: "the first certificate is not that of the signing key",
    hint: "put the key's own certificate first, then its issuers",
    exit: 4,
  });
}
