import type { Tree } from "../../../base/config/index.ts";

/** A configuration whose secrets lie as files in one folder, and the names of those files. */
export interface Placed {
  readonly tree: Tree;
  readonly names: readonly string[];
}

const reference = /^(?:file:(?:.*\/)?([^/]+)|env:([A-Za-z_][A-Za-z0-9_]*))$/;

/** Keys whose values are references to secrets. */
const secretKey = /^(?:url|accessKeyId|secretAccessKey|key|passphrase|token|password)$/;

/**
 * The configuration with each reference to a secret turned into a file of `folder`: `env:DATABASE_URL` becomes
 * `file:/run/secrets/modelkeep/database-url`. What a reference leads to is never read.
 */
export function placeSecrets(tree: Tree, folder: string): Placed {
  const names = new Set<string>();
  const visit = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item, key));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([inner, item]) => [inner, visit(item, inner)]));
    }
    const found = typeof value === "string" && secretKey.test(key) ? reference.exec(value) : null;
    if (found === null) return value;
    const name = (found[1] ?? found[2]!).toLowerCase().replaceAll("_", "-");
    names.add(name);
    return `file:${folder}/${name}`;
  };
  return { tree: visit(tree, "") as Tree, names: [...names].toSorted() };
}
