import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { modelsConfig } from "../../src/guard/gateway/index.ts";

const guide = readFileSync(join(import.meta.dirname, "../../docs/guide/models.md"), "utf8");

describe("the guide to models", () => {
  it("names settings that exist", () => {
    const keys = Object.keys(modelsConfig.shape).map((key) => `models.${key}`);
    const named = [...guide.matchAll(/models\.[a-z]+Ms|models\.serve/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(2);
    for (const name of named) expect(keys).toContain(name);
  });
});
