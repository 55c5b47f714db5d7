/** How a key signs. The digest follows the key, as in the Sigstore algorithm registry: nobody chooses it, so nobody downgrades it. */
export type SignatureAlgorithm = "ecdsa-p256-sha256" | "ecdsa-p384-sha384" | "ecdsa-p521-sha512" | "ed25519" | "rsa-pkcs1-sha256";

/** Name of the digest for OpenSSL; null where the algorithm has its own. */
export const digestNames: Readonly<Record<SignatureAlgorithm, string | null>> = {
  "ecdsa-p256-sha256": "sha256",
  "ecdsa-p384-sha384": "sha384",
  "ecdsa-p521-sha512": "sha512",
  ed25519: null,
  "rsa-pkcs1-sha256": "sha256",
};

/** Those that the OpenSSF Model Signing specification names for keys and certificates. */
export const modelSigningAlgorithms: readonly SignatureAlgorithm[] = [
  "ecdsa-p256-sha256",
  "ecdsa-p384-sha384",
  "ecdsa-p521-sha512",
];
