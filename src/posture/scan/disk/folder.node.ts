import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { FolderSource, PlaceFacts } from "../engine/folder.ts";
import { openFile } from "./file-source.node.ts";
import type { OpenFile } from "./file-source.node.ts";

const nowhere: PlaceFacts = { exists: false, isFile: false, hardLinks: 0, sizeBytes: 0 };

/** A folder of this machine. What it opened is closed by `close`. */
export function folderOnDisk(root: string): FolderSource & { close(): void } {
  const opened: OpenFile[] = [];
  return {
    list: (limit = 100_000) => listFiles(root, limit),
    facts: (path) => factsOf(root, path),
    open(path) {
      const facts = factsOf(root, path);
      if (!facts.isFile || facts.linkAt !== undefined) return undefined;
      const file = openFile(join(root, path), { follow: false });
      opened.push(file);
      return file.facts.isFile() ? file.source : undefined;
    },
    close() {
      for (const file of opened.splice(0)) file.close();
    },
  };
}

function factsOf(root: string, path: string): PlaceFacts {
  const parts = path.split("/");
  if (path.startsWith("/") || parts.includes("..") || path.includes("\0")) return nowhere;
  for (let i = 1; i <= parts.length; i++) {
    const part = parts.slice(0, i).join("/");
    const stats = lstatSync(join(root, part), { throwIfNoEntry: false });
    if (stats === undefined) return nowhere;
    const facts = { exists: true, isFile: stats.isFile(), hardLinks: stats.nlink, sizeBytes: stats.size };
    if (stats.isSymbolicLink()) return { ...facts, linkAt: part };
    if (i === parts.length) return facts;
  }
  return nowhere;
}

function listFiles(root: string, limit: number): string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= limit) return;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  visit("");
  return found;
}
