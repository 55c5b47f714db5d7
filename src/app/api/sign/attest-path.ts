import { attestModel, predicateSlug, predicateTypeOf } from "../../../posture/sign/index.node.ts";
import type { AttestModelOptions } from "../../../posture/sign/index.node.ts";
import { fileAt, jsonOf, mustExist } from "./files.ts";
import { openSigner } from "./open-signer.ts";
import type { SignerRequest } from "./open-signer.ts";

export interface AttestRequest extends SignerRequest, Pick<AttestModelOptions, "path" | "ignore" | "allowSymlinks"> {
  /** A short name (`slsaprovenance`, `cyclonedx`, `spdx`, `vuln`) or the address of a type. */
  readonly type: string;
  /** A JSON file. */
  readonly predicate: string;
  /** Where the bundle goes; {@link attestationPathOf} without it. */
  readonly out?: string | undefined;
}

export interface Attested {
  readonly path: string;
  readonly attestation: string;
  readonly predicateType: string;
  readonly subjects: number;
}

/** Where an attestation about a file or folder lies: beside it, under its name and the type's. */
export function attestationPathOf(path: string, type: string): string {
  return `${path.replace(/(?<=.)\/+$/, "")}.${predicateSlug(type)}.sigstore.json`;
}

/**
 * Signs a statement about a file, or about every file of a folder.
 * @throws `api/no-such-file`, what `openSigner` and `attestModel` throw
 */
export async function attestPath({ path, type, ignore, allowSymlinks, ...request }: AttestRequest): Promise<Attested> {
  mustExist(path);
  const predicate = jsonOf(await fileAt(request.predicate), request.predicate);
  const predicateType = predicateTypeOf(type);
  const to = request.out ?? attestationPathOf(path, type);
  const signer = await openSigner(request);
  try {
    const { subjects } = await attestModel({ path, to, ignore, allowSymlinks, signer, predicateType, predicate });
    return { path, attestation: to, predicateType, subjects };
  } finally {
    await signer.close();
  }
}
