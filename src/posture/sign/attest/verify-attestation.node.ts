import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { quote } from "../../../base/error/index.ts";
import type { Bundle } from "../envelope/bundle.ts";
import { parseStatement } from "../envelope/statement.ts";
import type { Statement } from "../envelope/statement.ts";
import { malformed } from "../envelope/json.ts";
import { readClaim } from "../model/claim.node.ts";
import { hashFile } from "../model/hash-file.node.ts";
import { signatureInFolder } from "../model/hash-model.node.ts";
import { rootDigestOf } from "../model/manifest.ts";
import type { ModelManifest } from "../model/manifest.ts";
import { canonicalPath, ignoreRules } from "../model/paths.ts";
import { readSignature } from "../model/read-signature.node.ts";
import { checkFiles } from "../model/verify-model.node.ts";
import type { Checked, ModelVerdict, VerifyModelOptions } from "../model/verify-model.node.ts";
import { reason } from "../reason.ts";

export interface VerifyAttestationOptions extends VerifyModelOptions {
  /** Where the bundle lies. */
  readonly signature: string;
  /** What must be attested. */
  readonly predicateType: string;
}

export interface AttestationVerdict extends ModelVerdict {
  readonly predicateType: string;
  /** What is claimed; undefined when it is not believed. */
  readonly predicate: unknown;
}

/**
 * Whether someone whom the policy trusts attests this of a file, or of every file of a folder. A file is known by its digest, whatever it is
 * called; files of a folder by path and digest.
 *
 * @throws `sign/bad-path`, NodeJS.ErrnoException when the file cannot be read
 */
export async function verifyAttestation(options: VerifyAttestationOptions): Promise<AttestationVerdict> {
  const { path, policy, nowMs, signature, predicateType } = options;
  const name = options.name ?? basename(resolve(path));
  const none = { signer: undefined, digest: undefined, files: 0, sizeBytes: 0, predicate: undefined };
  const start = { ok: false, path, name, signature, predicateType, ...none };
  if (!existsSync(signature))
    return { ...start, signature: undefined, reasons: [reason("no-signature", `${quote(signature, 160)} is not there`)] };
  let statement: Statement | undefined;
  const claim = await readClaim(readSignature(signature), { policy, name, nowMs }, (bundle) => {
    statement = statementIn(bundle, predicateType);
    return subjectsOf(statement);
  });
  if (!claim.ok) return { ...start, signer: claim.signer, digest: claim.digest, reasons: claim.reasons };
  const { manifest, signer } = claim;
  const isFolder = statSync(path).isDirectory();
  const checked = isFolder
    ? checkFiles(manifest, { ...options, ignore: ignoreRules([...(options.ignore ?? []), signatureInFolder]) })
    : checkDigest(manifest, path);
  const ok = checked.reasons.length === 0;
  const predicate = ok ? statement?.predicate : undefined;
  return { ...start, ok, signer, digest: manifest.rootDigest, ...checked, predicate };
}

function statementIn({ content }: Bundle, wanted: string): Statement {
  if (content.kind === "message") throw malformed("sign/malformed-statement", "the bundle signs bytes and attests nothing");
  const statement = parseStatement(content.envelope);
  if (statement.predicateType === wanted) return statement;
  const found = quote(statement.predicateType, 160);
  throw malformed("sign/malformed-statement", `the statement attests ${found} and not ${quote(wanted, 160)}`);
}

/** The subjects as a list of files. */
function subjectsOf({ subjects }: Statement): ModelManifest {
  const resources = subjects.map(({ name, digest }) => {
    const { sha256 = "" } = digest;
    if (sha256.length !== 64 || name === "" || canonicalPath(name) !== name)
      throw malformed(
        "sign/malformed-statement",
        "the statement has a subject without a SHA-256, or whose name is no relative path",
      );
    return { name, path: name, digest: sha256 };
  });
  if (new Set(resources.map(({ name }) => name)).size !== resources.length)
    throw malformed("sign/malformed-statement", "the statement names a subject twice");
  const plain = { name: "", hashType: "sha256", shardBytes: undefined, allowSymlinks: true, ignorePaths: [] } as const;
  return { ...plain, resources, rootDigest: rootDigestOf(resources) };
}

/** The digest of the verdict is then the file's own. */
function checkDigest({ resources }: ModelManifest, path: string): Checked & { readonly digest: string } {
  const { sizeBytes, parts } = hashFile(path, { hashType: "sha256", shardBytes: undefined, followLink: true });
  const isAttested = resources.some(({ digest }) => digest === parts[0]!.digest);
  const name = basename(resolve(path));
  const other = reason("changed-file", `${quote(name, 160)} is none of what the statement is about`, name);
  return { files: 1, sizeBytes, digest: `sha256:${parts[0]!.digest}`, reasons: isAttested ? [] : [other] };
}
