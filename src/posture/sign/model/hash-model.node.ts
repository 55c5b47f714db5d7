import { statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import { hashFile } from "./hash-file.node.ts";
import { rootDigestOf, singleFile } from "./manifest.ts";
import type { Resource } from "./manifest.ts";
import { alwaysIgnored, compareNames, ignoreRules } from "./paths.ts";
import { walkModel } from "./walk.node.ts";
import type { FoundFile } from "./walk.node.ts";

export interface HashModelOptions {
  /** A file, or a folder with all that lies in it. */
  readonly path: string;
  /** Where the bundle goes, which is no part of the model; {@link signaturePathOf} without it. */
  readonly signature?: string | undefined;
  /** Paths inside the model that are left out. */
  readonly ignore?: readonly string[] | undefined;
  /** Follow links, also out of the model; without it one link refuses the whole. */
  readonly allowSymlinks?: boolean | undefined;
}

export interface HashedModel {
  readonly signature: string;
  readonly ignored: readonly string[];
  /** In order of name; a file by itself is called `.`. */
  readonly resources: readonly Resource[];
  /** Root digest: names the model, whatever it is called. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** The signature's place in a model's folder. */
export const signatureInFolder = "model.sig";

/** Where a model's signature lies: `model.sig` in a folder, beside a file its name with `.sig`. */
export function signaturePathOf(path: string): string {
  return statSync(path).isDirectory() ? join(path, signatureInFolder) : `${path}.sig`;
}

/**
 * Every file of a model, hashed, and the one digest over them that a signature is about.
 * @throws `sign/bad-path` naming links and what else cannot be hashed, `sign/empty`, `sign/changed`, NodeJS.ErrnoException
 */
export function hashModel({ path, ignore = [], allowSymlinks = false, ...options }: HashModelOptions): HashedModel {
  const signature = options.signature ?? signaturePathOf(path);
  const isFolder = statSync(path).isDirectory();
  const ignored = isFolder ? [...new Set([...alwaysIgnored, ...ignoreRules(ignore), ...inside(path, signature)])] : [];
  const files = isFolder ? listed(path, ignored, allowSymlinks) : [{ path: singleFile, absolute: path }];
  let sizeBytes = 0;
  const hashed = files.map((file): Resource => {
    const one = hashFile(file.absolute, { hashType: "sha256", shardBytes: undefined, followLink: allowSymlinks || !isFolder });
    sizeBytes += one.sizeBytes;
    return { name: file.path, path: file.path, digest: one.parts[0]!.digest };
  });
  const resources = hashed.toSorted((a, b) => compareNames(a.name, b.name));
  return { signature, ignored, resources, digest: rootDigestOf(resources), sizeBytes };
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
