/** DSSE, the Dead Simple Signing Envelope v1.0 (github.com/secure-systems-lab/dsse): a payload, its type, and signatures over both. */

import { concatBytes, toBase64, utf8 } from "../../../base/crypto/index.ts";
import { z } from "zod";
import type { Signer } from "../key/signer.ts";
import { base64, readJson } from "./json.ts";

export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
}

export interface EnvelopeSignature {
  readonly signature: Uint8Array;
  /** A hint at the key; never trusted. */
  readonly keyId: string;
}

/** in-toto statements, in JSON. */
export const inTotoPayload = "application/vnd.in-toto+json";

/** More than a manifest of a million files. */
export const maxEnvelopeBytes = 2 ** 28;

/** DSSE asks for at least one; nobody needs more than a few. */
const maxSignatures = 16;

/**
 * What is signed: the pre-authentication encoding `DSSEv1 <type length> <type> <payload length> <payload>` (DSSE protocol, section
 * "Signature definition"). Lengths count bytes.
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType);
  return concatBytes(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}

/** Signs a payload. */
export async function signEnvelope(signer: Signer, payloadType: string, payload: Uint8Array): Promise<Envelope> {
  const signature = await signer.sign(preAuthEncoding(payloadType, payload));
  return { payloadType, payload, signatures: [{ signature, keyId: "" }] };
}

export const envelopeSchema = z
  .object({
    payloadType: z.string().min(1).max(256),
    payload: base64,
    signatures: z
      .array(z.object({ sig: base64, keyid: z.string().max(1024).nullish() }))
      .min(1)
      .max(maxSignatures),
  })
  .transform(({ payloadType, payload, signatures }): Envelope => ({
    payloadType,
    payload,
    signatures: signatures.map(({ sig, keyid }) => ({ signature: sig, keyId: keyid ?? "" })),
  }));

/** @throws `sign/malformed-bundle` */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  return readJson(bytes, envelopeSchema, { code: "sign/malformed-bundle", what: "the envelope", maxBytes: maxEnvelopeBytes });
}

/** The envelope as its JSON value. */
export function envelopeJson({ payloadType, payload, signatures }: Envelope): object {
  return {
    payload: toBase64(payload),
    payloadType,
    signatures: signatures.map(({ signature, keyId }) => ({ sig: toBase64(signature), keyid: keyId })),
  };
}
