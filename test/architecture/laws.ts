import { posix } from "node:path";
import { floors, foundations, neighbours } from "./house.ts";
import type { SourceFile } from "./read-imports.ts";

interface Place {
  readonly folder: string;
  readonly room: string;
  readonly level: number;
}

export function placeOf(path: string): Place | undefined {
  const [folder, room, inside] = path.split("/");
  const floor = floors.find((candidate) => candidate.folder === folder);
  return floor !== undefined && room !== undefined && inside !== undefined && floor.rooms.includes(room)
    ? { folder: floor.folder, room, level: floor.level }
    : undefined;
}

const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);
/** A room meets others at its index; the api room has one for each thing it does, so that a command loads only its own. */
const isFace = (path: string): boolean => /^(?:[^/]+\/[^/]+|app\/api\/[^/]+)\/index(?:\.node)?\.ts$/.test(path);
const isNodeFile = (path: string): boolean => path.endsWith(".node.ts");

/** Every breach of the house's laws, as sentences. */
export function breaches(files: readonly SourceFile[]): string[] {
  const found: string[] = [];
  for (const file of files) {
    if (placeOf(file.path) === undefined) found.push(`${file.path} is in no room`);
    if (file.hasDefaultExport) found.push(`${file.path} has a default export`);
    for (const { from } of file.imports) {
      const sentence = from.startsWith(".")
        ? breachOfPath(file.path, posix.join(posix.dirname(file.path), from))
        : breachOfPackage(file.path, from);
      if (sentence !== undefined) found.push(sentence);
    }
  }
  return [...found, ...cycles(files)];
}

function breachOfPackage(path: string, name: string): string | undefined {
  const place = placeOf(path);
  const portable = place !== undefined && place.level <= 2 && !isTest(path) && !isNodeFile(path);
  return portable && name.startsWith("node:")
    ? `${path} imports ${name}, but floors 0 to 2 need Node only in *.node.ts`
    : undefined;
}

function breachOfPath(path: string, target: string): string | undefined {
  const from = placeOf(path);
  if (from === undefined) return undefined;
  if (isTest(path)) return undefined; // a test may reach for the parts that the promise is about
  if (target.startsWith("../")) return `${path} imports ${target} outside src/`;
  const to = placeOf(target);
  if (to === undefined) return `${path} imports ${target}, which is in no room`;
  const nodeFromPortable = from.level <= 2 && !isNodeFile(path) && isNodeFile(target);
  if (nodeFromPortable) return `${path} imports ${target}: portable code cannot need Node`;
  if (from.folder === to.folder && from.room === to.room) return undefined;
  if (!isFace(target) && !isErrorsAugmentation(target)) return `${path} reaches into ${to.folder}/${to.room} past its index`;
  return mayImport(from, to)
    ? undefined
    : `${path} (floor ${from.level}) may not import ${to.folder}/${to.room} (floor ${to.level})`;
}

/** `declare module "…/base/error/error.ts"` is how an area adds its codes; it is not an import of code. */
function isErrorsAugmentation(target: string): boolean {
  return target === "base/error/error.ts";
}

function mayImport(from: Place, to: Place): boolean {
  if (to.level !== from.level) return to.level < from.level;
  if (from.level === 0 && foundations.includes(to.room)) return foundations.slice(0, depthOf(from.room)).includes(to.room);
  return neighbours[from.room]?.includes(to.room) ?? false;
}

/** How many of the foundations lie under a room of the ground floor: all of them, or for a foundation those listed before it. */
function depthOf(room: string): number {
  const own = foundations.indexOf(room);
  return own === -1 ? foundations.length : own;
}

/** Groups of files that import each other at run time. */
function cycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const state = new Map<string, "open" | "done">();
  const trail: string[] = [];
  const found: string[] = [];
  const visit = (path: string): void => {
    if (state.get(path) === "done") return;
    if (state.get(path) === "open") {
      found.push(`import cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
      return;
    }
    state.set(path, "open");
    trail.push(path);
    for (const { from, typeOnly } of byPath.get(path)?.imports ?? []) {
      const target = from.startsWith(".") ? posix.join(posix.dirname(path), from) : undefined;
      if (!typeOnly && target !== undefined && byPath.has(target)) visit(target);
    }
    trail.pop();
    state.set(path, "done");
  };
  for (const { path } of files) visit(path);
  return found;
}
