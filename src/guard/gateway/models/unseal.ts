import { readSecret } from "../../../base/config/index.node.ts";
import type { KeysConfig } from "../../../posture/sign/index.ts";
import { digestOf, nativeSha256 } from "../../../base/crypto/index.node.ts";
import { isModelkeepError, ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "./errors.ts";
import type { ModelFile } from "./read.ts";

/** Opens what is sealed and hands everything else back as it is. */
export type Unseal = (path: string, file: ModelFile) => Promise<ModelFile>;

export interface UnsealParts {
  /** References to age identity files, and names of keys: `kms:NAME`. */
  readonly identities: readonly string[];
  readonly keys: KeysConfig;
  readonly baseDir: string;
}

/**
 * Sealed files are opened here, in the memory of the service that hands the bytes to a worker; no plaintext file is ever made. The
 * identity is read for each file and not kept.
 *
 * @throws `models/sealed`
 */
export function createUnseal({ identities, baseDir, keys }: UnsealParts): Unseal {
  return async (path, file) => {
    const { isSealed, isServiceKey, openBackend, openSealed, parseIdentities, serviceSealer } =
      await import("../../../posture/sign/index.node.ts");
    if (!isSealed(file.bytes)) return file;
    if (identities.length === 0) throw sealed(path, "no identity is configured under models.identities");
    try {
      const openers = await Promise.all(
        identities.map(async (one) => {
          if (isServiceKey(one)) return [serviceSealer(openBackend(one, { keys, baseDir }))];
          return parseIdentities(await readSecret(one, { baseDir }));
        }),
      );
      const bytes = await openSealed(file.bytes, openers.flat());
      return { bytes, digest: digestOf(bytes, nativeSha256), sealed: file };
    } catch (cause) {
      if (!isModelkeepError(cause)) throw cause;
      throw sealed(path, cause.message, cause);
    }
  };
}

function sealed(path: string, why: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("models/sealed", {
    message: `${quote(path, 160)} is sealed and stays so: ${why}`,
    hint: "models.identities names the identity of one of its recipients",
    cause,
    exit: 4,
  });
}
