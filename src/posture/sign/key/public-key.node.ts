import { createHash, createPublicKey, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import { digestNames } from "./algorithm.ts";
import type { SignatureAlgorithm } from "./algorithm.ts";
import type { VerificationKey } from "./verification-key.ts";

/**
 * A public key from PEM (or DER, SubjectPublicKeyInfo).
 * @throws `sign/bad-key` when it is none, or of a kind that is not used here
 */
export function parsePublicKey(text: string | Uint8Array): VerificationKey {
  const bytes = Buffer.from(text as Uint8Array);
  let key: KeyObject;
  try {
    // A private key has a public half, too, but a file that should be handed out must not be one.
    if (bytes.includes("PRIVATE KEY-----")) throw new Error("it is a private key");
    const pem = /-----BEGIN (?:RSA )?PUBLIC KEY-----[^-]*-----END (?:RSA )?PUBLIC KEY-----/.exec(bytes.toString("latin1"))?.[0];
    key = pem === undefined ? createPublicKey({ key: bytes, format: "der", type: "spki" }) : createPublicKey(pem);
  } catch (cause) {
    throw badKey("is not a public key in PEM form", "`openssl pkey -in signer.pem -pubout` prints the public half", cause);
  }
  return verificationKey(key);
}

/** @throws `sign/bad-key` for a kind that is not used here */
export function verificationKey(key: KeyObject): VerificationKey {
  const algorithm = algorithmOf(key);
  const digest = digestNames[algorithm];
  const spki = new Uint8Array(key.export({ type: "spki", format: "der" }));
  const pem = key.export({ type: "spki", format: "pem" });
  return {
    algorithm,
    spki,
    fingerprint: `sha256:${createHash("sha256").update(spki).digest("hex")}`,
    hint: createHash("sha256").update(pem).digest("hex"),
    verify(message, signature, fixed) {
      try {
        return verify(fixed ?? digest, message, key, signature);
      } catch {
        return false;
      }
    },
  };
}

const curves: Readonly<Record<string, SignatureAlgorithm>> = {
  prime256v1: "ecdsa-p256-sha256",
  secp384r1: "ecdsa-p384-sha384",
  secp521r1: "ecdsa-p521-sha512",
};

/** @throws `sign/bad-key` */
export function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): SignatureAlgorithm {
  if (asymmetricKeyType === "ed25519") return "ed25519";
  const curve = asymmetricKeyType === "ec" ? curves[asymmetricKeyDetails?.namedCurve ?? ""] : undefined;
  if (curve !== undefined) return curve;
  if (asymmetricKeyType === "rsa") {
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits >= 2048 && bits <= 16_384) return "rsa-pkcs1-sha256";
    throw badKey(`is RSA of ${bits} bits`, "use 2048 to 16384 bits, or an elliptic curve");
  }
  const kind = asymmetricKeyDetails?.namedCurve ?? asymmetricKeyType ?? "unknown";
  throw badKey(`is of kind ${kind}`, "use P-256, P-384, P-521, Ed25519 or RSA");
}

export function badKey(what: string, hint: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("sign/bad-key", { message: `the key ${what}`, hint, cause, exit: 4 });
}
