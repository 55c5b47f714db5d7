import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { modelsConfig } from "../../src/guard/gateway/index.ts";

const guide = readFileSync(join(import.meta.dirname, "../../docs/guide/models.md"), "utf8");
const blocks = [...guide.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text!);

describe("the guide to models", () => {
  it("shows configuration that is taken as it stands", () => {
    expect(blocks.length).toBe(2);
    const { models } = parse(blocks[0]!) as { models: unknown };
    expect(modelsConfig.parse(models).serve).toHaveLength(3);
    const [entry] = parse(blocks[1]!.replace("sha256:…", `sha256:${"0".repeat(64)}`)) as unknown[];
    expect(modelsConfig.parse({ serve: [entry] }).serve).toMatchObject([{ trust: `sha256:${"0".repeat(64)}` }]);
  });

  it("names settings that exist", () => {
    const keys = Object.keys(modelsConfig.shape).map((key) => `models.${key}`);
    for (const [name] of guide.matchAll(/models\.[a-z]+Ms|models\.serve/g)) expect(keys).toContain(name);
  });
});
