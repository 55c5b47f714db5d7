import { parse as parseYaml } from "yaml";
import type { Path, Tree } from "./parse.ts";

/** Where a value came from, weakest first. */
export type OriginKind = "default" | "user" | "project" | "environment" | "flag";

export interface Layer {
  readonly kind: Exclude<OriginKind, "default">;
  readonly tree: Tree;
  /** How to name the place of `path` to a person: file and line, variable, flag. */
  where(path: Path): string;
}

export interface Origin {
  readonly kind: OriginKind;
  readonly where: string;
}

const prefix = "MODELKEEP_";

/**
 * Environment to configuration: `MODELKEEP_SERVER__MAX_BODY_BYTES=1024` sets `server.maxBodyBytes`. Two underscores step into a
 * section, one starts a new word; the value is read as YAML, so numbers, lists and booleans work.
 */
export function environmentLayer(
  env: Readonly<Record<string, string | undefined>>,
  ignore: ReadonlySet<string> = new Set(),
): Layer {
  const tree: Tree = {};
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith(prefix) || value === undefined || ignore.has(name)) continue;
    const path = name
      .slice(prefix.length)
      .split("__")
      .map((part) => part.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
    setAt(tree, path, scalar(value));
    names.set(path.join("."), name);
  }
  return { kind: "environment", tree, where: (path) => nameFor(names, path) ?? "the environment" };
}

/** Flags of a command, already as a tree; `names` says which flag set which path. */
export function flagLayer(tree: Tree, names: ReadonlyMap<string, string>): Layer {
  return { kind: "flag", tree, where: (path) => nameFor(names, path) ?? "a flag" };
}

/** Later layers win, key by key; lists are replaced whole. */
export function mergeLayers(layers: readonly Layer[]): Tree {
  const merged: Tree = {};
  for (const layer of layers) mergeInto(merged, layer.tree);
  return merged;
}

/** The strongest layer that says something about `path`, or undefined when it is a default. */
export function originOf(layers: readonly Layer[], path: Path): Layer | undefined {
  return layers.findLast((layer) => hasAt(layer.tree, path));
}

function mergeInto(target: Tree, source: Tree): void {
  for (const [key, value] of Object.entries(source)) {
    const current = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isTree(value) && isTree(current)) mergeInto(current, value);
    else define(target, key, isTree(value) ? copy(value) : value);
  }
}

function copy(tree: Tree): Tree {
  const out: Tree = {};
  mergeInto(out, tree);
  return out;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  let at = tree;
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(at, key) || !isTree(at[key])) define(at, key, {});
    at = at[key] as Tree;
  }
  define(at, path.at(-1)!, value);
}

/** Defines instead of assigning, so that a key named `__proto__` is a key like any other. */
function define(tree: Tree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, writable: true, enumerable: true, configurable: true });
}

function hasAt(tree: unknown, path: Path): boolean {
  let at = tree;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string | number, unknown>)[key];
  }
  return true;
}

function scalar(text: string): unknown {
  try {
    return parseYaml(text, { maxAliasCount: 0 }) as unknown;
  } catch {
    return text;
  }
}

function nameFor(names: ReadonlyMap<string, string>, path: Path): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const name = names.get(path.slice(0, length).join("."));
    if (name !== undefined) return name;
  }
  return undefined;
}
