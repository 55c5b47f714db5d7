import { X509Certificate } from "node:crypto";
import { fromUtf8 } from "../../../base/crypto/index.ts";
import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** More than the root store of an operating system. */
const maxCertificates = 1000;

/**
 * The certificates of a PEM file, in order, as DER. Text between them is passed over, as PEM asks (RFC 7468, section 5.2).
 * @throws `sign/bad-certificate` when there is none, or one cannot be read
 */
export function readCertificates(pem: string | Uint8Array): Uint8Array[] {
  let blocks: readonly string[];
  try {
    blocks = (typeof pem === "string" ? pem : fromUtf8(pem)).match(block) ?? [];
  } catch (cause) {
    throw badCertificates("hold bytes that are no text", cause);
  }
  if (blocks.length === 0) throw badCertificates("hold no `BEGIN CERTIFICATE`");
  if (blocks.length > maxCertificates) throw badCertificates(`are ${blocks.length}, more than ${maxCertificates}`);
  return blocks.map((text, index) => {
    try {
      return new Uint8Array(new X509Certificate(text).raw);
    } catch (cause) {
      throw badCertificates(`hold a ${index + 1}. that cannot be read`, cause);
    }
  });
}

function badCertificates(what: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("sign/bad-certificate", {
    message: `the certificates ${what}`,
    hint: "give X.509 certificates in PEM form, one after another",
    cause,
    exit: 4,
  });
}
