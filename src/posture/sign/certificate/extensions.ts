/** What a certificate says of its use, read from its extensions (RFC 5280, section 4.2). */

import { badDer, derElement, derElements, oidText } from "./der.ts";

export interface CertificateUse {
  /** Undefined when the certificate does not say. */
  readonly keyUsage: { readonly digitalSignature: boolean; readonly keyCertSign: boolean } | undefined;
  /** Object identifiers; undefined when the certificate does not say. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly isAuthority: boolean;
  /** Most certificates that may stand between this one and the last, itself not counted. */
  readonly pathLength: number | undefined;
  /** Mail addresses, host names and addresses (URI) of the holder. */
  readonly alternativeNames: readonly string[];
  /** Critical extensions that are not understood here: such a certificate must be refused (RFC 5280, section 4.2). */
  readonly unknownCritical: readonly string[];
}

const sequence = 0x30;
const octetString = 0x04;
const bitString = 0x03;
const boolean = 0x01;
const integer = 0x02;
const objectIdentifier = 0x06;

/** RFC 5280, section 4.2.1.12. */
export const codeSigning = "1.3.6.1.5.5.7.3.3";

// Understood, or harmless here: key identifiers, policies, CRL points and authority access only help to find things.
const harmless = new Set(["2.5.29.14", "2.5.29.35", "2.5.29.32", "2.5.29.31", "1.3.6.1.5.5.7.1.1"]);

/** @throws `sign/bad-certificate` */
export function certificateUse(der: Uint8Array): CertificateUse {
  const [tbs] = derElements(derElement(der, sequence).content);
  if (tbs?.tag !== sequence) throw badDer("has no body");
  const use: { -readonly [K in keyof CertificateUse]: CertificateUse[K] } = {
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    isAuthority: false,
    pathLength: undefined,
    alternativeNames: [],
    unknownCritical: [],
  };
  const unknown: string[] = [];
  const extensions = derElements(tbs.content).find(({ tag }) => tag === 0xa3);
  const seen = new Set<string>();
  for (const extension of extensions === undefined ? [] : derElements(derElement(extensions.content, sequence).content)) {
    const { oid, critical, value } = readExtension(extension.content);
    if (seen.has(oid)) throw badDer("has one extension twice");
    seen.add(oid);
    if (oid === "2.5.29.15") use.keyUsage = readKeyUsage(value);
    else if (oid === "2.5.29.37")
      use.extendedKeyUsage = derElements(derElement(value, sequence).content).map(({ content }) => oidText(content));
    else if (oid === "2.5.29.19") Object.assign(use, readBasicConstraints(value));
    else if (oid === "2.5.29.17") use.alternativeNames = readNames(value);
    else if (critical && !harmless.has(oid)) unknown.push(oid);
  }
  return { ...use, unknownCritical: unknown };
}

function readExtension(bytes: Uint8Array): { oid: string; critical: boolean; value: Uint8Array } {
  const parts = derElements(bytes);
  const [oid] = parts;
  const flag = parts.length === 3 ? parts[1] : undefined;
  const value = parts.at(-1);
  if (oid?.tag !== objectIdentifier || value?.tag !== octetString || parts.length > 3) throw badDer("has a malformed extension");
  if (flag !== undefined && (flag.tag !== boolean || flag.content.length !== 1)) throw badDer("has a malformed extension");
  return { oid: oidText(oid.content), critical: flag !== undefined && flag.content[0] !== 0, value: value.content };
}

function readKeyUsage(value: Uint8Array): CertificateUse["keyUsage"] {
  const [, first = 0] = derElement(value, bitString).content; // the first octet counts unused bits
  return { digitalSignature: (first & 0x80) !== 0, keyCertSign: (first & 0x04) !== 0 };
}

function readBasicConstraints(value: Uint8Array): Pick<CertificateUse, "isAuthority" | "pathLength"> {
  const parts = derElements(derElement(value, sequence).content);
  const isAuthority = parts[0]?.tag === boolean && parts[0].content[0] !== 0;
  const length = parts.find(({ tag }) => tag === integer)?.content;
  if (length !== undefined && (length.length !== 1 || length[0]! > 127)) throw badDer("has a path length that is out of bounds");
  return { isAuthority, pathLength: length?.[0] };
}

/** rfc822Name, dNSName and uniformResourceIdentifier: all IA5String. */
function readNames(value: Uint8Array): string[] {
  return derElements(derElement(value, sequence).content)
    .filter(({ tag }) => tag === 0x81 || tag === 0x82 || tag === 0x86)
    .map(({ content }) => String.fromCharCode(...content.subarray(0, 4096)));
}
