import { defineWriter } from "../define.ts";

/** For a program: the report as it is, on one line. Rules that did not fire are left out: `--format sarif` lists them. */
export const json = defineWriter({
  id: "json",
  title: "JSON",
  write: ({ rules: _rules, ...report }) => JSON.stringify(report),
});
