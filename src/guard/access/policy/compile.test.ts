import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import type { ModelkeepError } from "../../../base/error/index.ts";
import { actions } from "../types.ts";
import { compilePolicies } from "./compile.ts";
import { loadEngine } from "./engine.ts";
import type { Engine } from "./engine.ts";
import { readPolicyFiles, readSchema } from "./files.ts";

let engine: Engine;
let schema: string;
beforeAll(async () => {
  [engine, schema] = await Promise.all([loadEngine(), readSchema()]);
});

const compile = (text: string, name = "team.cedar") => compilePolicies(engine, schema, [{ name, text }]);

function compilation(text: string, name?: string): ModelkeepError {
  try {
    compile(text, name);
  } catch (error) {
    if (isModelkeepError(error)) return error;
    throw error;
  }
  throw new Error("it is valid");
}

function complaint(text: string): string {
  const { code, message, hint } = compilation(text);
  return `${code} ${message} | ${hint}`;
}

describe("a policy set that does not fit the schema is refused", () => {
  it.for<[string, string, string]>([
    [
      "a misspelt action",
      '\n\npermit (principal, action == Action::"infr", resource);',
      'team.cedar:3:30: unrecognized action `Action::"infr"` | did you mean Action::"infer"?',
    ],
    [
      "a misspelt entity",
      'permit (principal in Grop::"x", action, resource);',
      "team.cedar:1:22: unrecognized entity type `Grop` | did you mean `Group`?",
    ],
    [
      "a misspelt attribute",
      'permit (principal, action == Action::"infer", resource)\nwhen { context.adress.isIpv4() };',
      'team.cedar:2:8: attribute `adress` in context for Action::"infer" not found | did you mean `address`?',
    ],
    [
      "a number where an address is wanted",
      'permit (principal, action == Action::"infer", resource)\nwhen { context.address == 7 };',
      "team.cedar:2:8: the types",
    ],
    ["a missing comma", "permit (principal action, resource);", "team.cedar:1:19: unexpected token `action` | expected"],
    ["a missing semicolon", "permit (principal, action, resource)", "team.cedar:1:37: unexpected end of input | expected `;`"],
    ["a template", "permit (principal == ?principal, action, resource);", "team.cedar:1:22: expected a static policy"],
    [
      "an optional attribute used without asking",
      'permit (principal, action == Action::"infer", resource)\nwhen { context.credential.models.isEmpty() };',
      "team.cedar:2:8: unable to guarantee safety of access to optional attribute",
    ],
    [
      "two policies of one id",
      '@id("a") permit (principal, action, resource);\n@id("a") forbid (principal, action, resource);',
      "team.cedar:2:1: the id `a` is taken | by the policy at team.cedar:1:1",
    ],
    [
      "an extension that does not parse",
      'permit (principal, action, resource) when { context.address == ip("300.0.0.1") };',
      "team.cedar:1:",
    ],
    ["not a policy at all", "roles: [admin]", "team.cedar:1:"],
  ])("%s, with the place and what was meant", ([, text, want]) => {
    const [where, hint = ""] = want.split(" | ");
    const got = complaint(text);
    expect(got).toMatch(/^access\/policy-invalid /);
    expect(got).toContain(where);
    expect(got).toContain(hint);
  });

  it("names every place when there are several, each once", () => {
    const got = complaint(
      'permit (principal in Grop::"x", action, resource);\nforbid (principal, action, resource) when { context.tim == 1 };',
    );
    expect(got).toContain("team.cedar:1:22: unrecognized entity type `Grop`; also team.cedar:2:45: attribute `tim` in context");
    expect(got.match(/2:45/g)).toHaveLength(1);
  });

  it("and never repeats control characters from the file", () => {
    expect(complaint('permit (principal, action == Action::"\u001b[2J", resource);')).not.toContain("\u001b");
  });
});

describe("a policy set", () => {
  it("has the same digest for the same files in any order, and another for any other", () => {
    const a = { name: "a.cedar", text: "permit (principal, action, resource);" };
    const b = { name: "b.cedar", text: "forbid (principal, action, resource);" };
    const digest = (...files: (typeof a)[]) => compilePolicies(engine, schema, files).digest;
    expect(digest(a, b)).toBe(digest(b, a));
    const digests = [digest(a), digest(b), digest(a, b), digest({ ...a, text: `${a.text} ` }), digest({ ...a, name: "c.cedar" })];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digests[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it("knows its roles, ids and places", () => {
    const set = compile(
      '// first\npermit (principal in Role::"trainer", action, resource);\n@id("no") forbid (principal, action, resource) unless { principal in Role::"boss" };',
    );
    expect(set.policies.map(({ id, effect, line }) => [id, effect, line])).toEqual([
      ["team.cedar:2", "permit", 2],
      ["no", "forbid", 3],
    ]);
    expect([...set.roles].sort()).toEqual(["boss", "trainer"]);
  });

  it("warns of a policy that can never apply", () => {
    expect(compile('permit (principal, action == Action::"readAudit", resource is Model);').warnings).toEqual([
      expect.stringContaining("team.cedar:1:1: ") as string,
    ]);
  });

  it("warns of a role that is nearly one of ours", () => {
    const { warnings } = compile(
      'permit (principal in Role::"caler", action, resource);\npermit (principal in Role::"trainer", action, resource);',
    );
    expect(warnings).toEqual([
      expect.stringContaining("team.cedar:1:1: speaks of the role `caler`; if you meant `caller`") as string,
    ]);
  });

  it("speaks of exactly the actions that the code knows", async () => {
    const answer = engine.schemaToJson(schema);
    if (answer.type === "failure") throw new Error("the schema does not parse");
    const declared = Object.keys(answer.json[""]!.actions);
    expect(declared.sort()).toEqual([...actions, "manage", "read"].sort());
  });

  it("that the guide shows is valid, and so is the mistake that it shows", async () => {
    const guide = await readFile(new URL("../../../../docs/guide/access.md", import.meta.url), "utf8");
    const example = /```cedar\n([^`]*)```/.exec(guide)![1]!;
    expect(compile(example)).toMatchObject({ policies: { length: 3 }, warnings: [] });
    const wrong = compilation(example.replace('Action::"infer"', 'Action::"infr"'), "policies/team.cedar");
    expect(guide).toContain(`error: ${wrong.message} (${wrong.code})\nhint: ${wrong.hint}\n`);
  });

  it("of ready roles is formatted, has an id on every policy, and gives no warning", async () => {
    const files = await readPolicyFiles({ files: [], readyRoles: true }, ".");
    const set = compilePolicies(engine, schema, files);
    expect(files.map(({ name }) => name)).toEqual([
      "scope.cedar",
      "caller.cedar",
      "operator.cedar",
      "auditor.cedar",
      "admin.cedar",
    ]);
    expect(set.warnings).toEqual([]);
    expect(set.policies.filter(({ text }) => !text.startsWith("@id("))).toEqual([]);
  });
});
