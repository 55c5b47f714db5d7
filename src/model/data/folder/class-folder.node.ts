/** Folders of examples: a class for each subfolder, a file for each example. */

import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { quote } from "../../../base/error/index.ts";
import { malformed, tooLarge } from "../refuse.ts";

export type FolderKind = "image" | "mail" | "text";

export interface FolderFile {
  readonly path: string;
  /** Place in `classes`; undefined when the folder has no subfolders. */
  readonly label: number | undefined;
}

export interface ClassFolder {
  readonly kind: FolderKind;
  readonly classes: readonly string[];
  readonly files: readonly FolderFile[];
}

const maxFiles = 10_000_000;
const images = new Set([".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".avif"]);

/**
 * The examples of a folder, by the names of classes and files. `train` and `test` below it are parts; hidden files, and links, are left out.
 *
 * @throws data/malformed when it is empty, or holds files of several kinds; data/too-large
 */
export async function readClassFolder(path: string, part: "train" | "test"): Promise<ClassFolder> {
  const top = await entries(path);
  if (top.folders.includes(part) && top.files.length === 0) return readClassFolder(join(path, part), part);
  const files: FolderFile[] = [];
  const add = (found: readonly string[], label: number | undefined): void => {
    for (const file of found) files.push({ path: file, label });
    if (files.length > maxFiles) throw tooLarge(path, `more than ${maxFiles} files`, "write them into a table");
  };
  // Mail boxes stand for their mails: `ham.mbox` and `spam.mbox` are two classes.
  const boxes = top.files.filter((name) => /\.mbox$/i.test(name));
  const classes = boxes.length > 1 ? boxes.map((name) => basename(name, extname(name))) : top.folders;
  if (boxes.length > 1) boxes.forEach((name, label) => add([join(path, name)], label));
  else {
    add(
      top.files.map((name) => join(path, name)),
      undefined,
    );
    for (const [label, name] of top.folders.entries()) add(await walk(join(path, name)), label);
  }
  if (files.length === 0)
    throw malformed(path, "the folder holds no files", { hint: "a folder of examples has a subfolder for each class" });
  if (top.files.length > 0 && top.folders.length > 0) {
    const what = `${quote(top.files[0]!)} lies beside the folders of classes`;
    throw malformed(path, what, { hint: "move it into the folder of its class, or away" });
  }
  return { kind: kindOf(path, files), classes, files };
}

/** Files of a class, also in folders below it, by their names. */
async function walk(path: string, depth = 0): Promise<string[]> {
  const { files, folders } = await entries(path);
  const found = files.map((name) => join(path, name));
  if (depth < 8) for (const name of folders) found.push(...(await walk(join(path, name), depth + 1)));
  return found;
}

async function entries(path: string): Promise<{ files: string[]; folders: string[] }> {
  const all = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !name.startsWith("."));
  // By code units: the same order on every machine and in every language.
  const names = (kind: "isFile" | "isDirectory"): string[] =>
    all
      .filter((entry) => entry[kind]())
      .map(({ name }) => name)
      .sort();
  return { files: names("isFile"), folders: names("isDirectory") };
}

function kindOf(folder: string, files: readonly FolderFile[]): FolderKind {
  const kindOfFile = ({ path }: FolderFile): FolderKind => {
    const ending = extname(path).toLowerCase();
    if (images.has(ending)) return "image";
    return ending === ".txt" || ending === ".md" ? "text" : "mail";
  };
  const kind = kindOfFile(files[0]!);
  const other = files.find((file) => kindOfFile(file) !== kind);
  if (other === undefined) return kind;
  const what = `${quote(other.path, 200)} is no ${kind}, as ${quote(files[0]!.path, 200)} is`;
  throw malformed(folder, what, { hint: "a folder holds examples of one kind" });
}
