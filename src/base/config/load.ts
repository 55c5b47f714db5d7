import { z } from "zod";
import { ModelkeepError, nearest, quote } from "../error/index.ts";
import type {} from "./errors.ts";
import type { Layer, Origin } from "./layers.ts";
import { isTree, mergeLayers, originOf } from "./layers.ts";
import type { Path } from "./parse.ts";

export interface Loaded<T> {
  readonly value: T;
  /** Every effective value with its origin and what its key means. */
  explain(): Explained[];
}

export interface Explained {
  readonly path: string;
  readonly value: unknown;
  readonly origin: Origin;
  readonly about: string | undefined;
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly description?: string;
  readonly anyOf?: readonly SchemaNode[];
  readonly additionalProperties?: SchemaNode | boolean;
}

/**
 * Merges the layers (weakest first), validates, fills defaults.
 *
 * @throws `config/unknown-key` with the nearest name, `config/invalid` with what the key takes; both name file and line.
 * @example
 * const schema = z.strictObject({ port: z.int().default(8080).describe("TCP port") });
 * loadConfig(schema, [environmentLayer(process.env)]).value.port;
 */
export function loadConfig<Schema extends z.ZodType>(schema: Schema, layers: readonly Layer[]): Loaded<z.output<Schema>> {
  const result = schema.safeParse(mergeLayers(layers));
  const described = configJsonSchema(schema) as SchemaNode;
  if (!result.success) throw refusal(foremost(result.error.issues), layers, described);
  return {
    value: result.data,
    explain: () => [...leaves(result.data, [], described)].map((leaf) => explainLeaf(leaf, layers)),
  };
}

/** The schema as JSON Schema 2020-12, for editors: every key with its meaning, type and default. */
export function configJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Record<string, unknown>;
}

/** A key that nobody knows explains the one that is missing beside it, so it is reported first. */
function foremost(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  return issues.find((issue) => issue.code === "unrecognized_keys") ?? issues[0]!;
}

function refusal(issue: z.core.$ZodIssue, layers: readonly Layer[], root: SchemaNode): ModelkeepError {
  const { issue: inner, path } = innermost(issue, issue.path as Path);
  if (inner.code === "unrecognized_keys") {
    const key = inner.keys[0]!;
    const known = [...keysAt(root, path)];
    const meant = nearest(key, known);
    return new ModelkeepError("config/unknown-key", {
      message: `${place(layers, [...path, key])}: unknown key ${quote([...path, key].join("."))}`,
      hint: meant === undefined ? `known here: ${known.join(", ")}` : `did you mean \`${[...path, meant].join(".")}\`?`,
      exit: 4,
      status: 400,
    });
  }
  const about = nodesAt(root, path).find((node) => node.description !== undefined)?.description;
  return new ModelkeepError("config/invalid", {
    message: `${place(layers, path)}: ${quote(path.join(".") || "the configuration")}: ${lowerFirst(inner.message)}`,
    hint: about ?? "`modelkeep config explain` shows every key and what it takes",
    exit: 4,
    status: 400,
  });
}

/** Of a union's failures, the one that went deepest says most about what was meant. */
function innermost(issue: z.core.$ZodIssue, path: Path): { issue: z.core.$ZodIssue; path: Path } {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return { issue, path };
  const candidates = issue.errors.flat().filter((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys");
  const deepest = candidates.toSorted((a, b) => b.path.length - a.path.length)[0] ?? issue.errors.flat()[0];
  return deepest === undefined ? { issue, path } : innermost(deepest, [...path, ...(deepest.path as Path)]);
}

function place(layers: readonly Layer[], path: Path): string {
  for (let length = path.length; length > 0; length--) {
    const layer = originOf(layers, path.slice(0, length));
    if (layer !== undefined) return layer.where(path);
  }
  return "configuration";
}

function nodesAt(root: SchemaNode, path: Path): SchemaNode[] {
  let nodes: SchemaNode[] = [root];
  for (const key of path) nodes = nodes.flatMap(alternatives).flatMap((node) => child(node, key));
  return nodes.flatMap(alternatives);
}

function alternatives(node: SchemaNode): SchemaNode[] {
  return node.anyOf === undefined ? [node] : [node, ...node.anyOf.flatMap(alternatives)];
}

function child(node: SchemaNode, key: string | number): SchemaNode[] {
  const named =
    typeof key === "string" && node.properties !== undefined && Object.hasOwn(node.properties, key)
      ? node.properties[key]
      : undefined;
  const rest = typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
  const found = typeof key === "number" ? node.items : (named ?? rest);
  return found === undefined ? [] : [found];
}

function keysAt(root: SchemaNode, path: Path): Set<string> {
  return new Set(nodesAt(root, path).flatMap((node) => Object.keys(node.properties ?? {})));
}

interface Leaf {
  readonly path: Path;
  readonly value: unknown;
  readonly about: string | undefined;
}

function* leaves(value: unknown, path: Path, root: SchemaNode): Generator<Leaf> {
  const entries: [string | number, unknown][] | undefined =
    Array.isArray(value) && value.some(isTree) ? [...value.entries()] : isTree(value) ? Object.entries(value) : undefined;
  if (entries !== undefined && entries.length > 0) {
    for (const [key, inner] of entries) yield* leaves(inner, [...path, key], root);
  } else if (value !== undefined) {
    yield { path, value, about: nodesAt(root, path).find((node) => node.description !== undefined)?.description };
  }
}

function explainLeaf({ path, value, about }: Leaf, layers: readonly Layer[]): Explained {
  const layer = originOf(layers, path);
  const origin: Origin =
    layer === undefined ? { kind: "default", where: "default" } : { kind: layer.kind, where: layer.where(path) };
  return { path: path.join("."), value, origin, about };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
