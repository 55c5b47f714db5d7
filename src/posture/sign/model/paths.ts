/** Names of files as a signature writes them: relative, with slashes, in short form (Model Signing v1.0, sections 6.1.2 and 6.2). */

import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/** What no signature covers: the traces of version control at the top of a model. */
export const alwaysIgnored = [".git", ".gitattributes", ".github", ".gitignore"] as const;

/** The path in its one form, or undefined when it is absolute, leaves the folder, or is the folder itself. */
export function canonicalPath(path: string): string | undefined {
  if (path.startsWith("/") || path.includes("\0")) return undefined;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.includes("..") ? undefined : parts.join("/");
}

/** By Unicode code points, as the specification sorts; UTF-16 would put an emoji before a private-use sign. */
export function compareNames(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    const [high, other] = [left >= 0xd800 && left <= 0xdfff, right >= 0xd800 && right <= 0xdfff];
    return high === other ? left - right : high ? 1 : -1;
  }
  return a.length - b.length;
}

/** Whether a path is one of these or lies below one. */
export function createIgnore(paths: Iterable<string>): (path: string) => boolean {
  const ignored = new Set(paths);
  return (path) => {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) if (ignored.has(path.slice(0, at))) return true;
    return ignored.has(path);
  };
}

/**
 * Paths to leave out, as a person wrote them.
 * @throws `sign/bad-path` for patterns, absolute paths and paths that leave the model
 */
export function ignoreRules(paths: readonly string[]): string[] {
  return paths.map((path) => {
    const canonical = /[*?[]/.test(path) ? undefined : canonicalPath(path);
    if (canonical !== undefined) return canonical;
    throw new ModelkeepError("sign/bad-path", {
      message: `${quote(path, 160)} is no path inside the model`,
      hint: "name a file or folder from the model's top, without *, ? or [; everything below a folder is left out with it",
      exit: 4,
    });
  });
}
