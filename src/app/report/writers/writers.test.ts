import { describe, expect, it } from "vitest";
import type { Report } from "../index.ts";
import { writers } from "../index.ts";

const report: Report = {
  title: "modelkeep doctor",
  targets: [
    { name: "clock", status: "checked", findings: [] },
    { name: "ports", status: "skipped", reason: "no service runs", findings: [] },
    {
      name: "state",
      status: "checked",
      findings: [
        { rule: "state/small", severity: "low", message: "a small thing", where: {}, why: "w1", fix: "f1" },
        {
          rule: "state/open",
          severity: "high",
          message: "evil \u001b[2J name",
          where: { file: "/x" },
          evidence: "mode 0777",
          why: "w2",
          fix: "f2",
        },
      ],
    },
  ],
};

describe("report writers", () => {
  it("in a table say what was not checked, and put the gravest first", () => {
    expect(writers.get("table").write(report)).toBe(`modelkeep doctor

clock  ✓ nothing found
ports  – not checked: no service runs
state  ✗ 2 findings, worst high

HIGH state/open: evil \\u001b[2J name
  at   /x
  seen mode 0777
  why  w2
  fix  f2

LOW state/small: a small thing
  why  w1
  fix  f1
`);
  });

  it.for(writers.all.map((writer) => writer.id))("%s lets no control byte through", (id) => {
    // oxlint-disable-next-line no-control-regex
    expect(writers.get(id).write(report)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it("in JSON keep everything", () => {
    expect(JSON.parse(writers.get("json").write(report))).toEqual(report);
  });
});
