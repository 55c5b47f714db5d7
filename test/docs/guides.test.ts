import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig, parseConfigText } from "../../src/base/config/index.ts";
import { modelkeepConfig } from "../../src/app/host/index.ts";

const root = join(import.meta.dirname, "../..");
const pages = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "bench/RESULTS.md"].filter((name) =>
    existsSync(join(root, name)),
  ),
  ...["docs/guide", "docs/adr", "docs/reference"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  ),
];
const textOf = (page: string): string => readFileSync(join(root, page), "utf8");

describe("the configurations in the guides", () => {
  const examples = pages
    .filter((page) => page.startsWith("docs/guide/"))
    .flatMap((page) =>
      [...textOf(page).matchAll(/^```yaml\n(.*?)^```/gms)].map((match, i): [string, string] => [`${page} #${i + 1}`, match[1]!]),
    );

  it("are there", () => expect(examples.length).toBeGreaterThan(2));

  it.for(examples)("%s is taken as it stands", ([page, text]) => {
    const { tree, where } = parseConfigText(text, page);
    expect(() => loadConfig(modelkeepConfig, [{ kind: "project", tree, where }])).not.toThrow();
  });
});

describe("links between the pages", () => {
  it.for(pages)("of %s lead somewhere", (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !/^[a-z]+:/.test(link));
    expect(links.filter((link) => !existsSync(resolve(root, dirname(page), link)))).toEqual([]);
  });
});

describe("files that ARCHITECTURE.md walks through", () => {
  it("exist", () => {
    const floors = ["app", "guard", "lab", "model", "base"].join("|");
    const named = [...textOf("ARCHITECTURE.md").matchAll(new RegExp(`\`((?:${floors})/[a-z/.-]+\\.ts)\``, "g"))].map(
      (match) => match[1]!,
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((file) => !existsSync(join(root, "src", file)))).toEqual([]);
  });
});

describe("the reference", () => {
  it("is as fresh as the code it was generated from", () => {
    expect(() => execFileSync(process.execPath, [join(root, "tools/docs.mjs"), "--check"], { stdio: "pipe" })).not.toThrow();
  });
});
