import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseBaseline, writeBaseline } from "../../../posture/scan/index.node.ts";
import type { ScanResult } from "../../../posture/scan/index.node.ts";
import { writers } from "../../report/index.ts";
import { scanPaths } from "./scan.ts";
import { scanExit, scanReport } from "./verdict.ts";

const folder = mkdtempSync(join(tmpdir(), "modelkeep-report-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const clock = { now: () => Date.parse("2027-01-15T12:00:00Z") } as never;
let result: ScanResult;

beforeAll(async () => {
  at("evil <b>&.pkl", "cos\nsystem\n(S'id <script>'\ntR.");
  at("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c, image: nginx}]\n");
  at("notes.txt", "words\n");
  at("noise.bin", "\u0001\u0002\u0003");
  result = await scanPaths({ paths: [folder] });
});

describe("the reports of a scan", () => {
  it("in SARIF are valid by the schema of SARIF 2.1.0, and hold every finding with its rule", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../../test/fixtures/scan/sarif-2.1.0.json"), "utf8");
    const { $schema: _draft, id: _id, ...schema } = JSON.parse(text) as Record<string, unknown>;
    const valid = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true }).compile(schema);
    const log = JSON.parse(writers.get("sarif").write(scanReport(result))) as {
      runs: { results: { ruleId: string; ruleIndex: number }[]; tool: { driver: { rules: { id: string }[] } } }[];
    };
    expect(valid(log), JSON.stringify(valid.errors?.slice(0, 3))).toBe(true);
    const run = log.runs[0]!;
    expect(run.results.length).toBe(result.targets.reduce((sum, { findings }) => sum + findings.length, 0));
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    // A validator that accepts anything would accept this as well.
    expect(valid({ ...log, version: "3" })).toBe(false);
  });

  it.for(writers.all.map(({ id }) => id))("in %s name every rule that fired and every target that failed", (id) => {
    const text = writers.get(id).write(scanReport(result));
    for (const { path, status, findings } of result.targets) {
      for (const { rule } of findings) expect(text).toContain(rule);
      if (status === "failed") expect(text).toContain(path.slice(folder.length + 1));
    }
    if (id === "html" || id === "junit") expect(text).not.toMatch(/<script>'|<b>&\.pkl/);
  });

  it("have one line a finding in JUnit, as a failure", () => {
    const text = writers.get("junit").write(scanReport(result));
    expect(text).toMatch(/^<\?xml /);
    expect(text.match(/<failure/g)?.length ?? 0).toBeGreaterThan(0);
  });

  it("fail by what was found, and say that nothing was scanned when nothing was", () => {
    expect(scanExit(result, "high")).toBe(1);
    expect(scanExit(result, "none")).toBe(0);
    const nothing = { ...result, targets: [], summary: { ...result.summary, scanned: 0 } };
    expect(scanExit(nothing, "high")).toBe(3);
  });
});

const pickle = (): string => join(folder, "evil <b>&.pkl");

describe("exceptions", () => {
  const write = (text: string): string => at("exceptions.yaml", `exceptions:\n${text}`);
  const scan = (text: string): Promise<ScanResult> => scanPaths({ paths: [pickle()], exceptions: write(text), clock });

  it("take a finding out of the verdict, and list it with owner and reason", async () => {
    const { targets, excepted } = await scan("- {rule: model/pickle-call, owner: ann, reason: known, expires: 2027-01-15}\n");
    expect(targets[0]?.findings).toEqual([]);
    expect(excepted.map(({ rule, exception }) => [rule, exception])).toEqual([
      ["model/pickle-call", { owner: "ann", reason: "known", expires: "2027-01-15" }],
    ]);
  });

  it("end after their last day, and are reported then", async () => {
    const { targets, excepted } = await scan("- {rule: model/*, owner: ann, reason: known, expires: 2027-01-14}\n");
    expect(excepted).toEqual([]);
    expect(targets.flatMap(({ findings }) => findings.map(({ rule }) => rule))).toEqual([
      "model/pickle-call",
      "model/stale-exception",
    ]);
  });

  it("that match nothing any more are reported", async () => {
    const { targets } = await scan("- {rule: model/pickle-call, path: other.pkl, owner: ann, reason: known}\n");
    expect(targets.at(-1)?.findings[0]?.message).toMatch(/covers nothing any more/);
  });

  it("hold for the container that they name, and for no other", async () => {
    const pod = at(
      "two.yaml",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c, image: a}, {name: d, image: b}]\n",
    );
    const exceptions = write(
      "- {rule: pss/run-as-non-root, scope: c, owner: ann, reason: r}\n- {rule: k8s/*, scope: c, owner: ann, reason: r}\n",
    );
    const { excepted, targets } = await scanPaths({ paths: [pod], exceptions, clock });
    expect(excepted.length).toBeGreaterThan(0);
    expect(excepted.every(({ scope }) => scope === "c")).toBe(true);
    expect(targets[0]?.findings.some(({ scope, rule }) => scope === "d" && rule.startsWith("k8s/"))).toBe(true);
  });

  it.for([
    "- {rule: model/*, owner: ann}\n",
    "- {rule: model/*, owner: ann, reason: r, until: 2027-01-01}\n",
    "- {rule: model/*, owner: ann, reason: r, expires: soon}\n",
    "- {rule: model/*, owner: ann, reason: r, expires: 2027-02-30}\n",
    "- {rule: [a], owner: ann, reason: r}\n",
    "- [1]\n",
    "  a: &a [*a, *a]\n",
  ])("that are no exceptions are refused: %s", async (text) => {
    await expect(scan(text)).rejects.toThrow(/exceptions\.yaml: /);
  });
});

describe("a baseline", () => {
  it("holds what was found, whatever lines move, and fails for what is new", async () => {
    const pod = at(
      "base.yaml",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c, image: nginx}]\n",
    );
    const first = await scanPaths({ paths: [pod] });
    const baseline = at("baseline.json", writeBaseline(first.targets));
    at(
      "base.yaml",
      "# moved\n\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n  containers: [{name: c, image: nginx}]\n",
    );
    const { targets, known } = await scanPaths({ paths: [pod], baseline });
    expect(known.length).toBe(first.targets[0]!.findings.length);
    expect(new Set(targets[0]?.findings.map(({ rule }) => rule))).toEqual(new Set(["pss/host-namespaces"]));
  });

  it.for(["", "{}", '{"baseline":2,"findings":[]}', '{"baseline":1,"findings":[1]}'])("that is none is refused: %s", (text) => {
    expect(() => parseBaseline(text, "b.json")).toThrow(/no baseline/);
  });
});
