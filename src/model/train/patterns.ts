/** Patterns of names: `*` stands for any characters. */

/** Whether a name fits any of the patterns. */
export function fitsAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const source = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
    return new RegExp(`^${source.join(".*")}$`, "s").test(name);
  });
}
