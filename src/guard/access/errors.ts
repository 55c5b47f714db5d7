declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "access/no-credential": "the request carries no credential";
    "access/bad-credential": "the credential is malformed, unknown, wrong or revoked";
    "access/expired-credential": "the credential was right once; its time is over";
    "access/foreign-network": "the credential does not hold from this address";
    "access/stale": "changes made by other replicas cannot be read, so a revoked key might still look good";
    "access/bad-name": "a principal, group, role or model name has characters that no such name has";
    "access/bad-lifetime": "a key's lifetime or a rotation's overlap is outside what the configuration allows";
    "access/unknown-role": "no policy mentions the role, so a key with it could do nothing";
    "access/unknown-key": "there is no key with this id";
    "access/unknown-principal": "there is no principal with this name";
    "access/unknown-action": "there is no action with this name";
    "access/key-ended": "the key is revoked or expired, so it cannot be changed or rotated";
    "access/key-replaced": "the key was rotated before; its successor is the one to rotate";
    "access/principal-differs": "the principal exists and is of another kind";
    "access/last-admin": "afterwards nobody could manage keys any more";
    "access/policy-unreadable": "a policy file or folder cannot be read";
    "access/policy-invalid": "a policy does not parse, or does not fit the schema";
    "access/missing-engine": "the package of the policy engine is not installed";
  }
}

export type {};
