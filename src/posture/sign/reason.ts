/** Why something that claims to be signed is not accepted. A verdict names every reason that was found, not only the first. */

export type ReasonCode =
  /** No signature was found where it was looked for. */
  | "no-signature"
  | "malformed-bundle"
  | "malformed-statement"
  /** The signature does not verify under the key that it names. */
  | "bad-signature"
  /** It verifies under no key, chain or identity of the policy. */
  | "wrong-signer"
  /** A certificate chain that ends in no trusted root, or breaks a rule on the way. */
  | "untrusted-certificate"
  /** Transparency log, certificate timestamp or trusted time is missing or wrong. */
  | "bad-transparency"
  | "expired"
  | "not-yet-valid"
  | "revoked"
  | "out-of-scope"
  | "missing-file"
  | "extra-file"
  | "changed-file"
  /** A symbolic link where none may be. */
  | "symlink"
  /** A device, a folder without permission, a name that is no UTF-8. */
  | "unreadable-file"
  /** A digest or key algorithm that is not known here. */
  | "unsupported";

/** One reason. `path` is the file inside the model that it is about. */
export interface Reason {
  readonly code: ReasonCode;
  /** One line in lower case, text from outside in backticks. */
  readonly message: string;
  readonly path?: string;
}

export function reason(code: ReasonCode, message: string, path?: string): Reason {
  return path === undefined ? { code, message } : { code, message, path };
}
