import { basename, resolve } from "node:path";
import { utf8 } from "../../../base/crypto/index.ts";
import { inTotoPayload, signEnvelope } from "../envelope/dsse.ts";
import { statementJson } from "../envelope/statement.ts";
import type { StatementSubject } from "../envelope/statement.ts";
import type { Signer } from "../key/signer.ts";
import { hashModel, signatureInFolder } from "../model/hash-model.node.ts";
import type { HashModelOptions } from "../model/hash-model.node.ts";
import { singleFile } from "../model/manifest.ts";
import { writeBundle } from "../model/write-bundle.node.ts";

export interface AttestOptions {
  readonly subjects: readonly StatementSubject[];
  readonly signer: Signer;
  /** Where the bundle goes. */
  readonly to: string;
  readonly predicateType: string;
  readonly predicate: unknown;
}

/** Signs a statement about digests that are known already, and writes it as a Sigstore bundle. */
export async function attest({ subjects, signer, to, predicateType, predicate }: AttestOptions): Promise<void> {
  const statement = statementJson({ subjects, predicateType, predicate });
  writeBundle(to, await signEnvelope(signer, inTotoPayload, utf8(JSON.stringify(statement))), signer);
}

export interface AttestModelOptions extends Omit<HashModelOptions, "signature">, Omit<AttestOptions, "subjects"> {}

/**
 * Signs a statement about a file, or about every file of a folder, by their digests: what `cosign verify-blob-attestation` reads.
 * @throws what `hashModel` throws
 * @example
 * await attestModel({ path: "m.onnx", to: "m.onnx.cyclonedx.sigstore.json", signer, predicateType: "https://cyclonedx.org/bom", predicate: bom });
 */
export async function attestModel({
  path,
  to,
  ignore,
  allowSymlinks,
  ...claim
}: AttestModelOptions): Promise<{ readonly subjects: number }> {
  const { resources } = hashModel({ path, signature: to, ignore: [...(ignore ?? []), signatureInFolder], allowSymlinks });
  const name = (one: string): string => (one === singleFile ? basename(resolve(path)) : one);
  const subjects = resources.map((one) => ({ name: name(one.path), digest: { sha256: one.digest } }));
  await attest({ ...claim, to, subjects });
  return { subjects: subjects.length };
}
