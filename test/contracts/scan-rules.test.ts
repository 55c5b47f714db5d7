/** Every rule, today's and tomorrow's, fires on its bad fixtures and not on its good ones, and says what a person needs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { families, rules, scanPath } from "../../src/posture/scan/index.node.ts";
import type { Fixture, Rule } from "../../src/posture/scan/index.ts";

const scratch = mkdtempSync(join(tmpdir(), "modelkeep-rules-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const bytesOf = (content: Fixture["content"]): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content();

/** The ids of the rules that fire on a fixture, wherever in it. */
function fired({ name, content, beside = {}, options = {} }: Fixture): string[] {
  const folder = mkdtempSync(join(scratch, "f-"));
  for (const [path, data] of [[name, content] as const, ...Object.entries(beside)]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytesOf(data));
  }
  const target = name.includes("/") ? folder : join(folder, name);
  return [...scanPath(target, options)].flatMap(({ findings }) => findings.map(({ rule }) => rule));
}

describe.each(rules.all.map((rule): [string, Rule] => [rule.id, rule]))("rule %s", (id, rule) => {
  it("has fixtures of both kinds, and fires exactly on the bad", () => {
    expect(rule.fixtures.bad.length).toBeGreaterThan(0);
    expect(rule.fixtures.good.length).toBeGreaterThan(0);
    for (const fixture of rule.fixtures.bad) expect(fired(fixture), fixture.name).toContain(id);
    for (const fixture of rule.fixtures.good) expect(fired(fixture), fixture.name).not.toContain(id);
  });

  it("has an id of its family, a reason, a fix and a reference", () => {
    expect(families.some((family) => id.startsWith(`${family}/`))).toBe(true);
    expect(id).toMatch(/^[a-z0-9]+\/[a-z0-9-]+$/);
    for (const text of [rule.title, rule.why, rule.fix]) expect(text.trim().length).toBeGreaterThan(8);
    expect(rule.references.length).toBeGreaterThan(0);
    for (const reference of rule.references) expect(reference).toMatch(/^(https:\/\/|[a-z0-9-]+:[A-Za-z0-9.,\-/]+$)/);
  });
});
