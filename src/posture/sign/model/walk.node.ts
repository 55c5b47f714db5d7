import { readdirSync, realpathSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { escapeText, quote } from "../../../base/error/index.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import { compareNames, createIgnore } from "./paths.ts";

export interface FoundFile {
  /** Relative to the model, with slashes. */
  readonly path: string;
  readonly absolute: string;
}

export interface WalkRules {
  readonly ignore: Iterable<string>;
  readonly allowSymlinks: boolean;
}

export interface Walked {
  /** In order of path. */
  readonly files: readonly FoundFile[];
  /** What is there and cannot be hashed: links, devices, unreadable folders. */
  readonly problems: readonly Reason[];
}

/** Every file of a model folder. Links are followed only where the rules say so, and never round. */
export function walkModel(root: string, rules: WalkRules): Walked {
  const walker = new Walker(root, rules);
  walker.folder("", [realpathSync(root)]);
  return { files: walker.files.toSorted((a, b) => compareNames(a.path, b.path)), problems: walker.problems };
}

class Walker {
  readonly files: FoundFile[] = [];
  readonly problems: Reason[] = [];
  readonly #root: string;
  readonly #allowSymlinks: boolean;
  readonly #ignored: (path: string) => boolean;

  constructor(root: string, { ignore, allowSymlinks }: WalkRules) {
    this.#root = root;
    this.#allowSymlinks = allowSymlinks;
    this.#ignored = createIgnore(ignore);
  }

  /** `trail` holds the real paths of the folders above: a link to one of them goes round. */
  folder(folder: string, trail: readonly string[]): void {
    let entries: Dirent<Buffer>[];
    try {
      entries = readdirSync(join(this.#root, folder), { withFileTypes: true, encoding: "buffer" });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.#problem("unreadable-file", `${quote(folder, 160)} cannot be listed: ${code}`, folder);
      return;
    }
    for (const entry of entries) this.#entry(folder, entry, trail);
  }

  #entry(folder: string, entry: Dirent<Buffer>, trail: readonly string[]): void {
    const name = entry.name.toString("utf8");
    const path = folder === "" ? name : `${folder}/${name}`;
    if (this.#ignored(path)) return;
    if (!Buffer.from(name, "utf8").equals(entry.name)) {
      this.#problem("unreadable-file", `${quote(path, 160)} has a name that is not UTF-8`, escapeText(path));
    } else if (entry.isSymbolicLink()) this.#link(path, trail);
    else if (entry.isDirectory()) this.folder(path, [...trail, join(trail.at(-1)!, name)]);
    else if (entry.isFile()) this.#file(path);
    else this.#problem("unreadable-file", `${quote(path, 160)} is a device, a pipe or a socket`, path);
  }

  #link(path: string, trail: readonly string[]): void {
    if (!this.#allowSymlinks) {
      this.#problem("symlink", `${quote(path, 160)} is a symbolic link`, path);
      return;
    }
    try {
      const real = realpathSync(join(this.#root, path));
      const stats = statSync(real);
      if (stats.isFile()) this.#file(path);
      else if (!stats.isDirectory()) this.#problem("unreadable-file", `${quote(path, 160)} is a link to no file or folder`, path);
      else if (trail.includes(real))
        this.#problem("symlink", `${quote(path, 160)} is a link back to a folder that it lies in`, path);
      else this.folder(path, [...trail, real]);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.#problem("symlink", `${quote(path, 160)} is a link that leads nowhere: ${code}`, path);
    }
  }

  #file(path: string): void {
    this.files.push({ path, absolute: join(this.#root, path) });
  }

  #problem(code: Reason["code"], message: string, path: string): void {
    this.problems.push(reason(code, message, path));
  }
}
