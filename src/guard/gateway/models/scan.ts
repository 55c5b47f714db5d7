import { lstat, readdir, stat } from "node:fs/promises";
import { basename, extname, join, resolve } from "node:path";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { Admission } from "./admission.ts";
import { modelName, versionNumber, type ModelSource } from "./config.ts";
import type {} from "./errors.ts";
import { signatureStamp } from "./signature-file.ts";
import { stampOf } from "./stamp.ts";

/** A file that is, or wants to be, one version of a model. */
export interface Candidate {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  /** Changes whenever the file may have: modification time, size and inode. */
  readonly stamp: string;
  readonly source: ModelSource;
}

export interface Refused {
  readonly path: string;
  readonly error: ModelkeepError;
  /** Of the file, when it was read. */
  readonly digest?: string;
  readonly admission?: Admission;
}

export interface Scan {
  readonly candidates: readonly Candidate[];
  readonly refused: readonly Refused[];
  /** Sources that exist but could not be read this time: nothing is known of what they hold. */
  readonly unreadable: readonly ModelSource[];
}

/** Where a candidate stands among all: names and versions have no slash. */
export function keyOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}/${version}`;
}

/**
 * Looks at every source once. Nothing is opened. A path that is configured by itself wins over the same path found in a folder, so
 * that one model of a folder can have settings of its own.
 */
export async function scan(sources: readonly ModelSource[], baseDir: string): Promise<Scan> {
  const found: Found = { byKey: new Map(), refused: [] };
  const unreadable: ModelSource[] = [];
  for (const source of sources) {
    const path = resolve(baseDir, source.path);
    try {
      for (const candidate of await candidatesAt(path, source, found.refused))
        claim(found, await withSignature(candidate, baseDir));
    } catch (error) {
      found.refused.push({ path, error: asNotFound(error, path) });
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") unreadable.push(source);
    }
  }
  return { candidates: [...found.byKey.values()], refused: found.refused, unreadable };
}

/** A file whose signature changed is another file. */
async function withSignature(candidate: Candidate, baseDir: string): Promise<Candidate> {
  const { path, stamp, source } = candidate;
  if (!source.signed) return candidate;
  const configured = source.signature === undefined ? undefined : resolve(baseDir, source.signature);
  return { ...candidate, stamp: stamp + (await signatureStamp(path, configured)) };
}

interface Found {
  readonly byKey: Map<string, Candidate>;
  readonly refused: Refused[];
}

function claim({ byKey, refused }: Found, candidate: Candidate): void {
  const other = byKey.get(keyOf(candidate));
  if (other === undefined) {
    byKey.set(keyOf(candidate), candidate);
  } else if (other.path !== candidate.path) {
    const message = `${quote(candidate.path, 160)} and ${quote(other.path, 160)} both are version ${candidate.version} of ${quote(candidate.name)}`;
    const hint = "give one of them another name or version under models.serve; the first is served";
    refused.push({ path: candidate.path, error: new ModelkeepError("models/duplicate", { message, hint }) });
  }
}

async function candidatesAt(path: string, source: ModelSource, refused: Refused[]): Promise<Candidate[]> {
  const stats = await stat(path, { bigint: true });
  if (!stats.isDirectory()) {
    const name = checkedName(source.name ?? stemOf(path), path);
    return [{ name, version: source.version ?? "1", path, stamp: stampOf(stats), source }];
  }
  if (source.version !== undefined) throw badSource(path, "version", "is for a single file");

  const versions = await versionsIn(path);
  if (versions !== undefined) return versionsOf(source.name ?? basename(path), versions, source);
  if (source.name !== undefined) throw badSource(path, "name", "is for one model, and this is a folder of models");
  return modelsIn(path, source, refused);
}

/** `<model>.onnx` files, sealed ones (`<model>.onnx.age`) and `<model>/<version>/model.onnx` folders; everything else in the folder is none of our business. */
async function modelsIn(folder: string, source: ModelSource, refused: Refused[]): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const entry of (await readdir(folder)).sort()) {
    const path = join(folder, entry);
    try {
      if (/\.onnx(\.age)?$/.test(entry)) {
        const stats = await stat(path, { bigint: true });
        const name = checkedName(stemOf(path), path);
        if (!stats.isDirectory()) candidates.push({ name, version: "1", path, stamp: stampOf(stats), source });
      } else if ((await stat(path)).isDirectory()) {
        const versions = await versionsIn(path);
        if (versions !== undefined) candidates.push(...versionsOf(entry, versions, source));
      }
    } catch (error) {
      if (!(await isGone(path, error))) refused.push({ path, error: asNotFound(error, path) });
    }
  }
  return candidates;
}

/** True for what was renamed or removed since the folder was listed: deployments do that. A link that leads nowhere stays, and is refused. */
async function isGone(path: string, thrown: unknown): Promise<boolean> {
  if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") return false;
  return (await lstat(path).catch(() => undefined)) === undefined;
}

type Versions = readonly { readonly version: string; readonly path: string; readonly stamp: string }[];

/** The versions in a folder, or undefined when it is no folder of versions: it has no subfolder named by a number. */
async function versionsIn(folder: string): Promise<Versions | undefined> {
  const numbers = (await readdir(folder)).filter((entry) => versionNumber.test(entry));
  if (numbers.length === 0) return undefined;
  const versions = numbers.map(async (version) => {
    // A version folder is made before its file is copied into it.
    const places = ["model.onnx", "model.onnx.age"].map(async (name) => {
      const path = join(folder, version, name);
      const stats = await stat(path, { bigint: true }).catch(() => undefined);
      return stats === undefined ? [] : [{ version, path, stamp: stampOf(stats) }];
    });
    return (await Promise.all(places)).flat();
  });
  return (await Promise.all(versions)).flat().sort((a, b) => Number(a.version) - Number(b.version));
}

function versionsOf(name: string, versions: Versions, source: ModelSource): Candidate[] {
  return versions.map((version) => ({ name: checkedName(name, version.path), ...version, source }));
}

function checkedName(name: string, path: string): string {
  if (modelName.safeParse(name).success) return name;
  throw new ModelkeepError("models/bad-name", {
    message: `${quote(path, 160)} cannot give a model its name`,
    hint: "use 1 to 64 of A-Z a-z 0-9 . _ - in the file's name, or set name: under models.serve",
    exit: 4,
  });
}

function badSource(path: string, field: string, why: string): ModelkeepError {
  return new ModelkeepError("models/bad-source", {
    message: `models.serve: ${field} does not fit ${quote(path, 160)}: it ${why}`,
    hint: `leave out ${field}, or name one model's file or folder as path`,
    exit: 4,
  });
}

function asNotFound(error: unknown, path: string): ModelkeepError {
  if (error instanceof ModelkeepError) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new ModelkeepError("models/not-found", {
    message: `cannot read ${quote(path, 160)}: ${code === "ENOENT" ? "there is no such file or folder" : (code ?? "unknown cause")}`,
    hint: "check the path; relative ones start from the configuration file, or without one from the current folder",
    cause: error,
    exit: 4,
  });
}

function stemOf(path: string): string {
  const open = path.replace(/\.age$/, "");
  return basename(open, extname(open));
}
