import { isModelkeepError } from "../../../base/error/index.ts";
import { modelSigningAlgorithms, signModel } from "../../../posture/sign/index.node.ts";
import type { SignatureAlgorithm, SignedModel, SignModelOptions } from "../../../posture/sign/index.node.ts";
import { mustExist, noFile } from "./files.ts";
import { openSigner } from "./open-signer.ts";
import type { SignerRequest } from "./open-signer.ts";

export interface SignRequest extends SignerRequest, Omit<SignModelOptions, "signer"> {}

export interface Signed extends SignedModel {
  readonly algorithm: SignatureAlgorithm;
  /** False for a key that the specification does not name: other tools may not verify the signature. */
  readonly portable: boolean;
}

/** @throws what `openSigner` and `signModel` throw; `api/no-such-file` */
export async function signPath({ key, certificates, passphrase, named, ...model }: SignRequest): Promise<Signed> {
  mustExist(model.path);
  const signer = await openSigner({ key, certificates, passphrase, named });
  try {
    const signed = await signModel({ ...model, signer });
    return { ...signed, algorithm: signer.algorithm, portable: modelSigningAlgorithms.includes(signer.algorithm) };
  } catch (cause) {
    if (isModelkeepError(cause) || (cause as NodeJS.ErrnoException).code === undefined) throw cause;
    throw noFile((cause as NodeJS.ErrnoException).path ?? model.path, cause);
  } finally {
    await signer.close();
  }
}
