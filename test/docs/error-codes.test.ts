import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "../../src");
const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"))
  .map((path) => ({ path, text: readFileSync(join(src, path), "utf8") }));

const declaration = /^\s*"([a-z-]+\/[a-z0-9-]+)":\s*$|^\s*"([a-z-]+\/[a-z0-9-]+)": "/gm;

describe("error codes", () => {
  const declared = sources
    .filter(({ path }) => path.endsWith("errors.ts") || path.endsWith("error/error.ts"))
    .flatMap(({ text }) => [...text.matchAll(declaration)].map((match) => match[1] ?? match[2]!));

  it("are declared, once each", () => {
    expect(declared.length).toBeGreaterThan(30);
    expect(declared.length).toBe(new Set(declared).size);
  });

  it.for(declared)("%s is really raised somewhere", (code) => {
    const raised = sources.some(({ path, text }) => !path.endsWith("errors.ts") && text.includes(`"${code}"`));
    expect(raised).toBe(true);
  });
});
