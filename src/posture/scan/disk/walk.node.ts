/** From a path to targets: files are opened once, folders walked in order of name, links followed only where that ends. */

import { lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, join, sep } from "node:path";
import { quote } from "../../../base/error/index.ts";
import { Budget } from "../engine/context.ts";
import type { ScanContext, ScanOptions } from "../engine/context.ts";
import { problemFinding, unreadableFinding } from "../engine/findings.ts";
import type { ScanLimits } from "../engine/limits.ts";
import { scanOpened, scanSource } from "../engine/scan-source.ts";
import type { Together } from "../k8s/cluster.ts";
import { folderKinds } from "../registry.ts";
import type { ScannedTarget } from "../result.ts";
import { openFile } from "./file-source.node.ts";
import type { OpenFile } from "./file-source.node.ts";
import { folderOnDisk } from "./folder.node.ts";
import { rendererFor } from "./render.node.ts";
import { diskScratch } from "./scratch.node.ts";

export interface WalkOptions {
  readonly options: ScanOptions;
  readonly limits: ScanLimits;
  readonly together: Together;
}

/** Everything at and below a path. The path itself may be a link: the person who typed it means what it leads to. */
export function* walk(path: string, options: WalkOptions): Generator<ScannedTarget> {
  const walker = new Walker(path, options);
  yield* walker.visit(path, statSync(path), { typed: true });
}

class Walker {
  private readonly parts: WalkOptions;
  private readonly root: string;
  private readonly folders = new Set<string>();
  private readonly trail: string[] = [];
  private files = 0;

  constructor(root: string, parts: WalkOptions) {
    this.parts = parts;
    this.root = realpathSync(root);
  }

  *visit(path: string, stats: Stats, { typed = false } = {}): Generator<ScannedTarget> {
    if (stats.isDirectory()) yield* this.folder(path, stats);
    else if (stats.isSymbolicLink()) yield* this.link(path);
    else if (stats.isFile()) yield* this.file(path, typed);
    else yield failed(path, "special", "it is a device, a pipe or a socket");
  }

  private *folder(path: string, stats: Stats): Generator<ScannedTarget> {
    const identity = `${stats.dev}:${stats.ino}`;
    if (this.folders.has(identity)) return;
    this.folders.add(identity);
    let names: string[];
    try {
      names = readdirSync(path).toSorted();
    } catch (error) {
      yield failed(path, "folder", `its names cannot be read: ${(error as NodeJS.ErrnoException).code}`);
      return;
    }
    this.trail.push(identity);
    const owned = yield* this.asOneThing(path, names);
    for (const name of names) yield* this.entry(join(path, name), (candidate) => owned(candidate.slice(path.length + 1)));
    this.trail.pop();
  }

  private *entry(path: string, owned: (path: string) => boolean): Generator<ScannedTarget> {
    let stats: Stats | undefined;
    try {
      stats = lstatSync(path);
    } catch (error) {
      yield failed(path, "unknown", `it cannot be looked at: ${(error as NodeJS.ErrnoException).code}`);
      return;
    }
    if (!stats.isDirectory() && owned(path)) return;
    this.owners.push(owned);
    if (!this.owners.some((one) => !stats.isDirectory() && one(path))) yield* this.visit(path, stats);
    this.owners.pop();
  }

  /** Folders above that are one thing decide for what lies deeper, too. */
  private readonly owners: ((path: string) => boolean)[] = [];

  private *asOneThing(path: string, names: readonly string[]): Generator<ScannedTarget, (path: string) => boolean> {
    const folder = folderOnDisk(path);
    const scratch = diskScratch();
    try {
      for (const kind of folderKinds) {
        if (!kind.claims(names, folder)) continue;
        const context = { ...this.context(path, folder), renderer: rendererFor(path), scratch };
        const about = { path, kind: kind.id, family: kind.family };
        try {
          yield* scanOpened(about, kind.open(folder, context), context);
        } catch (error) {
          yield { path, kind: kind.id, status: "failed", findings: [problemFinding(error, context, kind)] };
          return () => false;
        }
        return (inside) => kind.owns(inside.split(sep).join("/"));
      }
    } finally {
      scratch.close();
      folder.close();
    }
    return () => false;
  }

  private *link(path: string): Generator<ScannedTarget> {
    let real: string;
    let stats: Stats;
    try {
      real = realpathSync(path);
      stats = statSync(real);
    } catch (error) {
      const loop = (error as NodeJS.ErrnoException).code === "ELOOP";
      yield failed(path, "link", loop ? "it is a link that goes round" : "it is a link that leads nowhere", "link");
      return;
    }
    if (stats.isDirectory() && this.trail.includes(`${stats.dev}:${stats.ino}`)) {
      yield failed(path, "link", "it is a link back to a folder that it lies in", "link");
    } else if (real === this.root || real.startsWith(this.root + sep)) {
      yield {
        path,
        kind: "link",
        status: "skipped",
        reason: `a link to ${quote(real.slice(this.root.length + 1))}, which is looked at where it lies`,
        findings: [],
      };
    } else if (stats.isDirectory()) yield* this.folder(path, stats);
    else if (stats.isFile()) yield* this.file(path, true);
    else yield failed(path, "special", "it is a link to a device, a pipe or a socket");
  }

  private *file(path: string, follow: boolean): Generator<ScannedTarget> {
    if (++this.files > this.parts.limits.maxFiles) {
      if (this.files === this.parts.limits.maxFiles + 1)
        yield failed(path, "unknown", `${this.parts.limits.maxFiles} files have been looked at; the rest has not`);
      return;
    }
    let file: OpenFile;
    try {
      file = openFile(path, { follow });
    } catch (error) {
      yield failed(path, "unknown", `it cannot be opened: ${(error as NodeJS.ErrnoException).code}`);
      return;
    }
    const folder = folderOnDisk(dirname(path));
    const scratch = diskScratch();
    try {
      yield* scanOpenFile(file, { ...this.context(path, folder), scratch });
    } finally {
      scratch.close();
      folder.close();
      file.close();
    }
  }

  private context(path: string, folder: ScanContext["folder"]): ScanContext {
    const { options, limits, together } = this.parts;
    return { path, options, limits, depth: 0, folder, budget: new Budget(limits), together };
  }
}

/** One open file to targets; if it changed meanwhile, that is a finding on the file and the scan of it has failed. */
export function* scanOpenFile(file: OpenFile, context: ScanContext): Generator<ScannedTarget> {
  const [first, ...rest] = scanSource(file.source, context);
  try {
    file.checkUnchanged();
    yield first!;
  } catch (error) {
    const finding = problemFinding(error, context, { id: first!.kind, family: "model" });
    yield { ...first!, status: "failed", findings: [...first!.findings, finding] };
  }
  yield* rest;
}

function failed(path: string, kind: string, message: string, problem: "unreadable" | "link" = "unreadable"): ScannedTarget {
  return { path, kind, status: "failed", findings: [unreadableFinding(path, message, problem)] };
}
