/** A small certificate authority for tests: X.509 v3 (RFC 5280) in DER, with exactly the extensions that a test wants. */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { oid, sequence, tag } from "./certificate.ts";

export interface Issued {
  readonly der: Uint8Array;
  readonly pem: string;
  readonly key: KeyObject;
  readonly name: string;
}

export interface CertificateWish {
  readonly name: string;
  readonly issuer?: Issued;
  readonly authority?: boolean;
  readonly pathLength?: number;
  readonly mail?: string;
  /** Two-digit years, `YYMMDD`. */
  readonly from?: string;
  readonly until?: string;
  /** First octet of KeyUsage; left out when undefined. */
  readonly keyUsage?: number;
  readonly codeSigning?: boolean;
  readonly criticalOid?: string;
  readonly curve?: "P-256" | "P-384" | "P-521";
}

export function issue(wish: CertificateWish): Issued {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: wish.curve ?? "P-256" });
  const signer = wish.issuer?.key ?? privateKey;
  const algorithm = sequence(oid("2a8648ce3d040302")); // ecdsa-with-SHA256
  const name = (text: string) => sequence(tag(0x31, sequence(oid("550403"), tag(0x0c, Buffer.from(text)))));
  const date = (day: string) => tag(0x17, Buffer.from(`${day}000000Z`));
  const body = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))),
    tag(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name(wish.issuer?.name ?? wish.name),
    sequence(date(wish.from ?? "200101"), date(wish.until ?? "491231")),
    name(wish.name),
    publicKey.export({ type: "spki", format: "der" }),
    tag(0xa3, sequence(...extensionsOf(wish))),
  );
  const signature = tag(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, signer)]));
  const der = sequence(body, algorithm, signature);
  const text = der.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return {
    der: new Uint8Array(der),
    pem: `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`,
    key: privateKey,
    name: wish.name,
  };
}

function extensionsOf({
  authority = false,
  pathLength,
  mail,
  keyUsage,
  codeSigning = true,
  criticalOid,
}: CertificateWish): Buffer[] {
  const critical = tag(0x01, Buffer.from([0xff]));
  const extension = (id: string, value: Buffer, isCritical = false) =>
    sequence(oid(id), ...(isCritical ? [critical] : []), tag(0x04, value));
  const constraints = [
    ...(authority ? [critical] : []),
    ...(pathLength === undefined ? [] : [tag(0x02, Buffer.from([pathLength]))]),
  ];
  const usage = keyUsage ?? (authority ? 0x04 : 0x80);
  return [
    extension("551d13", sequence(...constraints), true),
    extension("551d0f", tag(0x03, Buffer.from([0, usage])), true),
    ...(codeSigning && !authority ? [extension("551d25", sequence(oid("2b06010505070303")))] : []),
    ...(mail === undefined ? [] : [extension("551d11", sequence(tag(0x81, Buffer.from(mail))))]),
    ...(criticalOid === undefined ? [] : [extension(criticalOid, tag(0x05, Buffer.alloc(0)), true)]),
  ];
}
