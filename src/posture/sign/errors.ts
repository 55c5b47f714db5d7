declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "sign/malformed-bundle": "a signature file is not a Sigstore bundle, or breaks the rules of one";
    "sign/malformed-statement": "what was signed is not an in-toto statement, or not one about a model";
    "sign/bad-key": "a key file is not a key that signs or verifies, or is of a kind that is not used here";
    "sign/bad-certificate": "a certificate file cannot be read, or does not belong to the key beside it";
    "sign/bad-policy": "a trust policy is not what it should be";
    "sign/bad-path": "what should be signed has links, devices or names that a signature cannot speak of, or a rule for paths is none";
    "sign/bad-recipient": "a recipient or identity of a sealed file is none";
    "sign/cannot-open": "a sealed file is sealed to others, was cut, or was changed";
    "sign/no-such-key": "`kms:NAME` names a key that the configuration does not have";
    "sign/key-service": "a key service does not answer, refuses, or answers with what does not hold";
    "sign/empty": "there is no file to sign";
    "sign/changed": "a file changed while it was hashed";
    "sign/bad-reference": "the name of an image is none, or names a tag where a digest is asked for";
    "sign/no-such-image": "a registry has no image of this name and digest";
    "sign/registry": "a registry does not answer, refuses, or answers with what its digest does not promise";
  }
}

export type {};
