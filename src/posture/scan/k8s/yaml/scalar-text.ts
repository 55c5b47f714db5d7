/** A scalar as YAML that any version of the language reads the same way: plain where that is safe, else in JSON's quotes. */
export function scalarText(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const word = /^[A-Za-z][\w./-]*$/.test(value) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(value);
  return word ? value : JSON.stringify(value);
}

/** Equal as JSON data; the order of keys does not count. */
export function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, value]) => Object.hasOwn(b, key) && same(value, (b as never)[key]));
}
