import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { isModelkeepError, quote } from "../../../base/error/index.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import type { TrustPolicy } from "../trust/policy.ts";
import type { SignedBy } from "../trust/verify-bundle.node.ts";
import { readClaim } from "./claim.node.ts";
import { differences } from "./compare.ts";
import { hashFile } from "./hash-file.node.ts";
import { inside, signaturePathOf } from "./hash-model.node.ts";
import { singleFile } from "./manifest.ts";
import type { ModelManifest } from "./manifest.ts";
import { alwaysIgnored, ignoreRules } from "./paths.ts";
import { readSignature } from "./read-signature.node.ts";
import { walkModel } from "./walk.node.ts";
import type { FoundFile } from "./walk.node.ts";

export interface VerifyModelOptions {
  /** A file or a folder. */
  readonly path: string;
  readonly policy: TrustPolicy;
  readonly nowMs: number;
  /** Where the bundle lies; beside the model without it. */
  readonly signature?: string | undefined;
  /** What the model is called where it is used, for scopes; its file's or folder's name without it. */
  readonly name?: string | undefined;
  /** Paths inside the model that nobody needs to have signed. */
  readonly ignore?: readonly string[] | undefined;
  /** Follow links, where the signer did. */
  readonly allowSymlinks?: boolean | undefined;
  /** Pass over files that nobody signed. */
  readonly allowExtra?: boolean | undefined;
}

export interface ModelVerdict {
  readonly ok: boolean;
  readonly path: string;
  readonly name: string;
  /** Undefined when none was found. */
  readonly signature: string | undefined;
  /** Who signed, once that is proven, trusted or not. */
  readonly signer: SignedBy | undefined;
  /** Root digest of what was signed. */
  readonly digest: string | undefined;
  /** Files and bytes that were hashed here. */
  readonly files: number;
  readonly sizeBytes: number;
  readonly reasons: readonly Reason[];
}

/**
 * Whether a model is what someone signed whom the policy trusts with it. Every reason against it is named; nothing is hashed for a
 * signature that is not believed.
 *
 * @throws `sign/bad-path` for a wrong ignore rule, NodeJS.ErrnoException when the model cannot be read
 * @example
 * const verdict = await verifyModel({ path: "model/", policy, nowMs: Date.now() });
 * verdict.reasons.map(({ code, path }) => `${code} ${path}`);
 */
export async function verifyModel(options: VerifyModelOptions): Promise<ModelVerdict> {
  const { path, policy, nowMs } = options;
  const name = options.name ?? basename(resolve(path));
  const ignore = ignoreRules(options.ignore ?? []);
  const signature = options.signature ?? findSignature(path);
  const start = { ok: false, path, name, signature, signer: undefined, digest: undefined, files: 0, sizeBytes: 0 };
  if (signature === undefined)
    return { ...start, reasons: [reason("no-signature", `${quote(path, 160)} has no signature beside it`)] };
  const claim = await readClaim(readSignature(signature), { policy, name, nowMs });
  if (!claim.ok) return { ...start, signer: claim.signer, digest: claim.digest, reasons: claim.reasons };
  const { signer, manifest } = claim;
  const checked = checkFiles(manifest, { ...options, signature, ignore });
  return { ...start, ok: checked.reasons.length === 0, signer, digest: manifest.rootDigest, ...checked };
}

/** Beside the model; for a file also that of the folder it stands in. */
function findSignature(path: string): string | undefined {
  return [signaturePathOf(path), join(dirname(path), "model.sig")].find((candidate) => existsSync(candidate));
}

export interface Checking extends Pick<VerifyModelOptions, "path" | "allowSymlinks" | "allowExtra"> {
  readonly signature: string;
  readonly ignore: readonly string[];
}

export type Checked = Pick<ModelVerdict, "files" | "sizeBytes" | "reasons">;

/** Whether the files are those of the manifest, each reason against it named. */
export function checkFiles(manifest: ModelManifest, options: Checking): Checked {
  if (!statSync(options.path).isDirectory()) return checkFile(manifest, options);
  const { path, signature, ignore } = options;
  const ignored = new Set([...alwaysIgnored, ...manifest.ignorePaths, ...ignore, ...inside(path, signature)]);
  // Both must agree: the signer who followed links, and whoever verifies and may not want to be led out of the folder.
  const allowSymlinks = manifest.allowSymlinks && options.allowSymlinks === true;
  const { files, problems } = walkModel(path, { ignore: ignored, allowSymlinks });
  const signed = new Set(manifest.resources.map((one) => one.path));
  const wanted = options.allowExtra === true ? files.filter((file) => signed.has(file.path)) : files;
  const { found, reasons, sizeBytes } = hashAll(wanted, manifest, allowSymlinks);
  // A file that could not be hashed has its own reason; it is not missing.
  const named = new Set([...problems, ...reasons].map((one) => one.path));
  const others = differences(manifest, found, pathOfName(manifest)).filter((one) => !named.has(one.path));
  return { files: wanted.length, sizeBytes, reasons: [...problems, ...reasons, ...others] };
}

/** One file, signed by itself or as one of a folder's. */
function checkFile(manifest: ModelManifest, { path, signature }: Checking): Checked {
  const beside = relative(dirname(resolve(signature)), resolve(path))
    .split(sep)
    .join("/");
  const paths = new Set(manifest.resources.map((one) => one.path));
  const name = [singleFile, basename(resolve(path)), beside].find((candidate) => paths.has(candidate));
  if (name === undefined)
    return {
      files: 0,
      sizeBytes: 0,
      reasons: [reason("extra-file", `${quote(path, 160)} is none of the files that were signed`, beside)],
    };
  const { found, reasons, sizeBytes } = hashAll([{ path: name, absolute: path }], manifest, true);
  const one = { resources: manifest.resources.filter((resource) => resource.path === name) };
  const others = reasons.length > 0 ? [] : differences(one, found, pathOfName(manifest));
  return { files: 1, sizeBytes, reasons: [...reasons, ...others] };
}

function hashAll(files: readonly FoundFile[], { hashType, shardBytes }: ModelManifest, followLink: boolean) {
  const found = new Map<string, string>();
  const reasons: Reason[] = [];
  let sizeBytes = 0;
  for (const { path, absolute } of files) {
    try {
      const hashed = hashFile(absolute, { hashType, shardBytes, followLink });
      sizeBytes += hashed.sizeBytes;
      for (const { start, end, digest } of hashed.parts)
        found.set(shardBytes === undefined ? path : `${path}:${start}:${end}`, digest);
    } catch (error) {
      reasons.push(unreadable(path, error));
    }
  }
  return { found, reasons, sizeBytes };
}

function unreadable(path: string, error: unknown): Reason {
  if (isModelkeepError(error))
    return reason(error.code === "sign/changed" ? "changed-file" : "unreadable-file", error.message, path);
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return reason("unreadable-file", `${quote(path, 160)} cannot be read: ${code}`, path);
}

/** With shards, from the name of a range to the file. */
function pathOfName({ shardBytes }: ModelManifest): (name: string) => string {
  return shardBytes === undefined ? (name) => name : (name) => name.replace(/:\d+:\d+$/, "");
}
