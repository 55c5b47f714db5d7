/** Objects of a JSON document that name code: classes, functions, loaders of Keras and skops. */

/** One object that names code. */
export interface NamedCode {
  readonly field: string;
  readonly module: string;
  readonly name: string;
  /** `__loader__` of skops, `registered_name` or `function_type` of Keras. */
  readonly role: string;
}

declare module "../subject.ts" {
  interface Subjects {
    "keras-config": { readonly code: readonly NamedCode[] };
    "skops-schema": { readonly code: readonly NamedCode[] };
  }
}

type Json = Record<string, unknown>;

/** Every object of a document with its path, without recursion: depth costs nothing but the list. */
function* objects(tree: unknown): Generator<{ field: string; value: Json }> {
  const open: { field: string; value: unknown }[] = [{ field: "$", value: tree }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { field, value } = next;
    if (typeof value !== "object" || value === null) continue;
    if (!Array.isArray(value)) yield { field, value: value as Json };
    for (const [key, child] of Object.entries(value))
      if (typeof child === "object") open.push({ field: `${field}.${key}`.slice(-200), value: child });
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Objects with a class, and functions given by name or as code. */
export function kerasCode(tree: unknown): NamedCode[] {
  const found: NamedCode[] = [];
  for (const { field, value } of objects(tree)) {
    const [name, module] = [text(value["class_name"]), text(value["module"])];
    if (name !== "") found.push({ field, module, name, role: text(value["registered_name"]) });
    if (name === "function" && typeof value["config"] === "string")
      found.push({ field, module, name: value["config"], role: "function" });
    const vocabulary = (value["config"] as Json | undefined)?.["vocabulary"];
    if (typeof vocabulary === "string") found.push({ field, module, name: vocabulary, role: "vocabulary" });
    if ("function_type" in value) found.push({ field, module, name: "function", role: text(value["function_type"]) });
  }
  return found;
}

/** Objects with a loader. */
export function skopsCode(tree: unknown): NamedCode[] {
  const found: NamedCode[] = [];
  for (const { field, value } of objects(tree)) {
    if ("__loader__" in value)
      found.push({ field, module: text(value["__module__"]), name: text(value["__class__"]), role: text(value["__loader__"]) });
  }
  return found;
}
