import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { attest, attestModel, predicateTypeOf } from "../../../posture/sign/index.node.ts";
import type { Bom } from "../../report/index.ts";
import { attestationPathOf } from "../sign/attest-path.ts";
import { openSigner } from "../sign/open-signer.ts";
import type { SignerRequest } from "../sign/open-signer.ts";
import { writeWhole } from "../write-whole.ts";

export interface WriteBomRequest {
  readonly bom: Bom;
  readonly to: string;
  /** Sign it as an attestation about its model, too. */
  readonly signed?: SignerRequest | undefined;
  /** The file or folder that it is about, or the digest of what is served. */
  readonly about: { readonly path: string } | { readonly name: string; readonly digest: string };
}

export interface WrittenBom {
  readonly bom: string;
  /** About a file beside that; about what is served beside the bill. */
  readonly attestation?: string;
}

/** @throws what `openSigner` and `attestModel` throw, NodeJS.ErrnoException */
export async function writeBom({ bom, to, signed, about }: WriteBomRequest): Promise<WrittenBom> {
  const signer = signed === undefined ? undefined : await openSigner(signed); // a wrong key is told before anything is written
  try {
    await writeWhole(to, `${JSON.stringify(bom, null, 2)}\n`);
    if (signer === undefined) return { bom: to };
    const claim = { signer, predicateType: predicateTypeOf("cyclonedx"), predicate: bom };
    if ("path" in about) {
      const attestation = attestationPathOf(about.path, "cyclonedx");
      await attestModel({ ...claim, path: about.path, to: attestation });
      return { bom: to, attestation };
    }
    const attestation = attestationPathOf(to.replace(/\.cdx\.json$/, ""), "cyclonedx");
    const subjects = [{ name: about.name, digest: { sha256: about.digest.slice("sha256:".length) } }];
    await attest({ ...claim, to: attestation, subjects });
    return { bom: to, attestation };
  } finally {
    await signer?.close();
  }
}

export interface ServedBom {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly bom: Bom;
}

/** Each under its model's name and version in a folder, which is made. */
export async function writeServedBoms(
  found: readonly ServedBom[],
  folder: string,
  signed: SignerRequest | undefined,
): Promise<WrittenBom[]> {
  await mkdir(folder, { recursive: true });
  const written: WrittenBom[] = [];
  for (const { name, version, digest, bom } of found)
    written.push(await writeBom({ bom, to: join(folder, `${name}-${version}.cdx.json`), signed, about: { name, digest } }));
  return written;
}
