/** What cosign signs of an image in its older form (containers/image "simple signing", cosign's SIGNATURE_SPEC). */

import { fromUtf8, utf8 } from "../../../base/crypto/index.ts";
import { z } from "zod";

export const simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json";
export const envelopeType = "application/vnd.dsse.envelope.v1+json";
/** What a statement that only says "signed" is about, in cosign's newer form. */
export const signPredicate = "https://sigstore.dev/cosign/sign/v1";

/** Annotations of layers under a signature tag. */
export const annotationOf = {
  signature: "dev.cosignproject.cosign/signature",
  certificate: "dev.sigstore.cosign/certificate",
  chain: "dev.sigstore.cosign/chain",
  logged: "dev.sigstore.cosign/bundle",
  predicate: "predicateType",
} as const;

const schema = z.object({
  critical: z.object({
    identity: z.object({ "docker-reference": z.string() }),
    image: z.object({ "docker-manifest-digest": z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
    type: z.string().regex(/^(?:cosign|atomic) container (?:image )?signature$/),
  }),
});

/** The bytes that are signed. */
export function signingPayload(name: string, digest: string): Uint8Array {
  const critical = {
    identity: { "docker-reference": name },
    image: { "docker-manifest-digest": digest },
    type: "cosign container image signature",
  };
  return utf8(JSON.stringify({ critical, optional: null }));
}

/** The digest that a payload speaks of; undefined where it is none of these payloads. */
export function digestInPayload(bytes: Uint8Array): string | undefined {
  try {
    return schema.parse(JSON.parse(fromUtf8(bytes))).critical.image["docker-manifest-digest"];
  } catch {
    return undefined;
  }
}

/** Kinds of attestation by the short names that cosign gives them; anything else is a type by itself. */
const predicates: Readonly<Record<string, string>> = {
  slsaprovenance: "https://slsa.dev/provenance/v1",
  slsaprovenance02: "https://slsa.dev/provenance/v0.2",
  slsaprovenance1: "https://slsa.dev/provenance/v1",
  cyclonedx: "https://cyclonedx.org/bom",
  spdx: "https://spdx.dev/Document",
  spdxjson: "https://spdx.dev/Document",
  vuln: "https://cosign.sigstore.dev/attestation/vuln/v1",
};

/** The type of a predicate from its short name or its address. */
export function predicateTypeOf(name: string): string {
  return predicates[name] ?? name;
}

/** A predicate's type as part of a file's name: its short name, or the last word of its address. */
export function predicateSlug(name: string): string {
  const short = name in predicates ? name : Object.keys(predicates).find((key) => predicates[key] === name);
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "" && !/^v?\d+$/.test(word));
  return short ?? words.at(-1)?.toLowerCase() ?? "attestation";
}
