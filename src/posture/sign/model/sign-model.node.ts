import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { utf8 } from "../../../base/crypto/index.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { formatBundle } from "../envelope/bundle.ts";
import { inTotoPayload, signEnvelope } from "../envelope/dsse.ts";
import { statementJson } from "../envelope/statement.ts";
import type {} from "../errors.ts";
import { parsePublicKey } from "../key/public-key.node.ts";
import type { Signer } from "../key/signer.ts";
import { hashFile } from "./hash-file.node.ts";
import { manifestStatement, rootDigestOf, singleFile } from "./manifest.ts";
import type { Resource } from "./manifest.ts";
import { alwaysIgnored, compareNames, ignoreRules } from "./paths.ts";
import { walkModel } from "./walk.node.ts";
import type { FoundFile } from "./walk.node.ts";

export interface SignModelOptions {
  /** A file, or a folder with all that lies in it. */
  readonly path: string;
  readonly signer: Signer;
  /** Where the bundle goes; {@link signaturePathOf} without it. */
  readonly signature?: string | undefined;
  /** Paths inside the model that are left out. */
  readonly ignore?: readonly string[] | undefined;
  /** Follow links, also out of the model; without it one link refuses the whole. */
  readonly allowSymlinks?: boolean | undefined;
}

export interface SignedModel {
  readonly path: string;
  readonly signature: string;
  /** Root digest: names the model, whatever it is called. */
  readonly digest: string;
  readonly files: number;
  readonly sizeBytes: number;
  readonly ignored: readonly string[];
  /** Of the key, `sha256:<hex>`. */
  readonly key: string;
  readonly method: "key" | "certificate";
}

/** Where a model's signature lies: `model.sig` in a folder, beside a file its name with `.sig`. */
export function signaturePathOf(path: string): string {
  return statSync(path).isDirectory() ? join(path, "model.sig") : `${path}.sig`;
}

/**
 * Signs a model as OpenSSF Model Signing v1.0 says: each file hashed, the list signed, all in one Sigstore bundle beside the model.
 *
 * @throws `sign/bad-path` naming links and what else cannot be signed, `sign/empty`, `sign/changed`, NodeJS.ErrnoException
 * @example
 * await signModel({ path: "model/", signer: pemSigner({ privateKey: await readFile("signer.pem") }) });
 */
export async function signModel(options: SignModelOptions): Promise<SignedModel> {
  const { path, signer, allowSymlinks = false } = options;
  const signature = options.signature ?? signaturePathOf(path);
  const isFolder = statSync(path).isDirectory();
  const ignored = isFolder
    ? [...new Set([...alwaysIgnored, ...ignoreRules(options.ignore ?? []), ...inside(path, signature)])]
    : [];
  const files = isFolder ? listed(path, ignored, allowSymlinks) : [{ path: singleFile, absolute: path }];
  let sizeBytes = 0;
  const resources = files.map((file): Resource => {
    const hashed = hashFile(file.absolute, { hashType: "sha256", shardBytes: undefined, followLink: allowSymlinks || !isFolder });
    sizeBytes += hashed.sizeBytes;
    return { name: file.path, path: file.path, digest: hashed.parts[0]!.digest };
  });
  const statement = manifestStatement({
    name: basename(resolve(path)),
    hashType: "sha256",
    shardBytes: undefined,
    allowSymlinks,
    ignorePaths: ignored,
    resources,
  });
  const envelope = await signEnvelope(signer, inTotoPayload, utf8(JSON.stringify(statementJson(statement))));
  const key = parsePublicKey(signer.publicKey);
  const method = signer.certificates.length > 0 ? "certificate" : "key";
  const material =
    method === "key" ? ({ method, hint: key.hint } as const) : ({ method, certificates: signer.certificates } as const);
  writeWhole(signature, formatBundle(envelope, material));
  const digest = rootDigestOf(resources.toSorted((a, b) => compareNames(a.name, b.name)));
  return { path, signature, digest, files: files.length, sizeBytes, ignored, key: key.fingerprint, method };
}

function listed(path: string, ignore: readonly string[], allowSymlinks: boolean): readonly FoundFile[] {
  const { files, problems } = walkModel(path, { ignore, allowSymlinks });
  const [first, ...others] = problems;
  if (first !== undefined) {
    const more = others.length === 0 ? "" : `, and ${others.length} more like it`;
    throw new ModelkeepError("sign/bad-path", {
      message: `${first.message}${more}`,
      hint:
        first.code === "symlink"
          ? "leave it out with --ignore, or follow links with --allow-symlinks"
          : "leave it out with --ignore",
      exit: 4,
    });
  }
  if (files.length > 0) return files;
  throw new ModelkeepError("sign/empty", {
    message: `${quote(path, 160)} has no file that could be signed`,
    hint: "give the folder that the model's files lie in",
    exit: 3,
  });
}

/** The signature's path from the model's top, when it lies in there. */
export function inside(root: string, path: string): string[] {
  const found = relative(resolve(root), resolve(path));
  return found === "" || found.startsWith("..") ? [] : [found.split(sep).join("/")];
}

/** There whole or not at all; a signature that was there before is replaced. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.new`);
  const descriptor = openSync(temporary, "wx", 0o644);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
