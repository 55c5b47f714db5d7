import type { FieldPath } from "../fields.ts";

/** What every node has: the data, and where the text of it stands. */
interface Spelt {
  /** Plain data; aliases share, `null` stays. */
  readonly value: unknown;
  readonly start: number;
  /** End of what it says: a block ends with its last scalar, before the comment or the newline after that. */
  readonly end: number;
  /** True where an anchor makes its text stand for other places too. */
  readonly anchored: boolean;
}

/** A scalar; one that is not written at all (`key:`) is empty where it could be. */
export interface YamlScalar extends Spelt {
  readonly kind: "scalar";
}

/** An alias, `*name`. */
export interface YamlAlias extends Spelt {
  readonly kind: "alias";
  readonly name: string;
}

/** A list, `- a` or `[a]`. */
export interface YamlList extends Spelt {
  readonly kind: "list";
  readonly flow: boolean;
  readonly items: readonly YamlNode[];
}

/** A mapping, `a: 1` or `{a: 1}`. */
export interface YamlMap extends Spelt {
  readonly kind: "map";
  readonly flow: boolean;
  readonly pairs: readonly YamlPair[];
}

/** A field of a mapping, in the order they are written; a field may stand twice. */
export interface YamlPair {
  /** The key as text, as Kubernetes has it. */
  readonly name: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** True where the key is an alias or has an anchor. */
  readonly keyShared: boolean;
  /** Null where a flow mapping has a key alone. */
  readonly value: YamlNode | null;
}

/** A part of a document, with its place. */
export type YamlNode = YamlScalar | YamlAlias | YamlList | YamlMap;

/** A key that stands twice in one mapping. */
export interface DuplicateKey {
  readonly path: FieldPath;
  readonly offset: number;
}

/** One document of a YAML file. */
export interface YamlDocument {
  /** The document as plain data; aliases share, `null` stays. */
  readonly value: unknown;
  /** The same with its places. */
  readonly root: YamlNode | null;
  readonly anchors: ReadonlyMap<string, YamlNode>;
  /** Keys that stand twice in one mapping; the last one holds. */
  readonly duplicates: readonly DuplicateKey[];
  /** True where aliases or merge keys are used: an edit in one place would change another. */
  readonly shares: boolean;
  /** Where the document begins and ends in the text, its marker included; together the spans are the text. */
  readonly span: readonly [start: number, end: number];
}

/** A YAML file. */
export interface YamlFile {
  readonly text: string;
  readonly documents: readonly YamlDocument[];
  /** 1-based line of an offset into `text`. */
  lineAt(offset: number): number;
}

/** Most values of a document, aliases counted as if copied. */
export const maxValues = 2_000_000;

/** Most mappings and lists inside each other. */
export const maxNesting = 200;

/** Sets a field; `__proto__` is a key like any other. */
export function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
  else target[name] = value;
}
