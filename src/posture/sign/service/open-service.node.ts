import { createHash } from "node:crypto";
import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import { readCertificates } from "../certificate/pem.node.ts";
import type {} from "../errors.ts";
import { digestNames } from "../key/algorithm.ts";
import { checkBelongs } from "../key/file-signer.node.ts";
import { parsePublicKey } from "../key/public-key.node.ts";
import type { Signer } from "../key/signer.ts";
import type { KeyService } from "../seal/key-service.ts";
import { serviceError } from "./backend.ts";
import type { KeyBackend } from "./backend.ts";
import type { KeysConfig } from "./config.ts";
import { execBackend } from "./exec-backend.node.ts";
import { vaultBackend } from "./vault-backend.node.ts";

/** The keys that a configuration names, and the folder that its relative paths start from. */
export interface NamedKeys {
  readonly keys: KeysConfig;
  readonly baseDir: string;
}

/** `kms:release` names the key `release` of the configuration. */
export const isServiceKey = (text: string): boolean => text.startsWith("kms:");

/** @throws `sign/no-such-key` */
export function openBackend(name: string, { keys, baseDir }: NamedKeys): KeyBackend {
  const key = name.slice("kms:".length);
  const found = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (found?.vault !== undefined) return vaultBackend(found.vault, baseDir);
  if (found?.exec !== undefined) return execBackend(found.exec, baseDir);
  const near = nearest(key, Object.keys(keys));
  throw new ModelkeepError("sign/no-such-key", {
    message: `no key ${quote(key)} is configured`,
    hint: near === undefined ? "name it under `keys:` of modelkeep.yaml: see docs/guide/keys.md" : `is it \`kms:${near}\`?`,
    exit: 4,
    status: 400,
  });
}

/**
 * A signer whose key lies behind a service. Every signature is verified before it is given away: a service that signs with another key, or signs
 * something else, is told at once.
 * @throws `sign/key-service`, `sign/bad-key`, `sign/bad-certificate`
 * @example
 * const signer = await serviceSigner(openBackend("kms:release", { keys, baseDir }));
 */
export async function serviceSigner(backend: KeyBackend, certificates?: string | Uint8Array): Promise<Signer> {
  const key = parsePublicKey(await backend.publicKey());
  const chain = certificates === undefined ? [] : readCertificates(certificates);
  checkBelongs(chain[0], key.spki);
  const { algorithm } = key;
  const hash = digestNames[algorithm];
  return {
    algorithm,
    publicKey: key.spki,
    certificates: chain,
    async sign(message) {
      const digest = hash === null ? undefined : new Uint8Array(createHash(hash).update(message).digest());
      const signature = await backend.sign({ algorithm, message, digest });
      if (key.verify(message, signature)) return signature;
      throw serviceError(backend.id, "what it signs does not verify under the public key that it gives");
    },
    close: async () => undefined,
  };
}

/** Bytes of an age file key (c2sp.org/age). */
const fileKeyBytes = 16;

/** The same key for sealing: it wraps the keys of files. Whoever seals need not be allowed to open. */
export function serviceSealer(backend: KeyBackend): KeyService {
  const { id } = backend;
  return {
    id,
    wrap: (fileKey) => backend.wrap(fileKey),
    async unwrap(wrapped) {
      const fileKey = await backend.unwrap(wrapped);
      if (fileKey.length !== fileKeyBytes) throw serviceError(id, "it opens the key of a file to what is none");
      return fileKey;
    },
  };
}
