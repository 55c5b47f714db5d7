/**
 * Reading and changing untyped manifests. Kubernetes decodes JSON into Go structs, where `null` is the same as an absent field;
 * everything here keeps to that.
 */

/** Steps from the root of a manifest to a field. */
export type FieldPath = readonly (string | number)[];

/** The field at the end of `path`, or undefined where any step is missing, `null` or of another shape. */
export function at(value: unknown, ...path: FieldPath): unknown {
  let current: unknown = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null) return undefined;
    if (Array.isArray(current) !== (typeof step === "number")) return undefined;
    if (!Object.hasOwn(current, step)) return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[step];
  }
  return current ?? undefined;
}

/** The list at the end of `path`; empty where there is none. */
export function listAt(value: unknown, ...path: FieldPath): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The entries of the mapping at the end of `path`; none where there is no mapping. */
export function entriesAt(value: unknown, ...path: FieldPath): readonly (readonly [string, unknown])[] {
  const found = at(value, ...path);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? Object.entries(found) : [];
}

/** The string at the end of `path`, or undefined. */
export function textAt(value: unknown, ...path: FieldPath): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/**
 * A path as people write it.
 *
 * @example
 * fieldText(["spec", "containers", 0, "image"]); // spec.containers[0].image
 */
export function fieldText(path: FieldPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `['${step}']`;
  }
  return text;
}

/** One change of a manifest. `set` makes the mappings on its way; at the end of a list it appends. */
export type Edit =
  | { readonly op: "set"; readonly path: FieldPath; readonly value: unknown }
  | { readonly op: "remove"; readonly path: FieldPath };

/** `edits` without repetitions, in the order in which they can be applied: first what is set, then what goes, last entries first. */
export function inOrder(edits: readonly Edit[]): Edit[] {
  const unique = [...new Map(edits.map((edit) => [`${edit.op} ${JSON.stringify(edit.path)}`, edit])).values()];
  const removed = unique.filter(({ op }) => op === "remove").toSorted((a, b) => backwards(a.path, b.path));
  return [...unique.filter(({ op }) => op === "set"), ...removed];
}

function backwards(a: FieldPath, b: FieldPath): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left, right] = [a[i]!, b[i]!];
    if (left === right) continue;
    if (typeof left === "number" && typeof right === "number") return right - left;
    return String(left) < String(right) ? -1 : 1;
  }
  return b.length - a.length;
}

/** `value` with the edits applied: a copy along their paths, all else the same objects. Nothing else differs, even where values are shared. */
export function applyEdits<T>(value: T, edits: readonly Edit[]): T {
  return inOrder(edits).reduce<unknown>((changed, edit) => changedAt(changed, edit, edit.path), value) as T;
}

function changedAt(value: unknown, edit: Edit, [step, ...rest]: FieldPath): unknown {
  if (step === undefined) return value;
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  if (Array.isArray(value) && typeof step === "number") {
    if (rest.length > 0) return value.map((item, i) => (i === step ? changedAt(item, edit, rest) : item));
    if (edit.op === "remove") return value.filter((_, i) => i !== step);
    return step === value.length ? [...value, edit.value] : value.map((item, i) => (i === step ? edit.value : item));
  }
  // An edit has no place in something that is neither a mapping nor absent: the caller sees that nothing changed.
  if (!isMapping && (value ?? undefined) !== undefined) return value;
  const inner = at(value, step);
  if (edit.op === "remove") {
    if (rest.length > 0) return inner === undefined ? value : { ...(value as object), [step]: changedAt(inner, edit, rest) };
    return Object.fromEntries(Object.entries(value ?? {}).filter(([key]) => key !== step));
  }
  return { ...(value as object), [step]: rest.length > 0 ? changedAt(inner, edit, rest) : edit.value };
}
