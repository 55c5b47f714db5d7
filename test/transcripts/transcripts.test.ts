/**
 * Each `.txt` here is a session at a terminal: `$ command`, then what it prints, then `[exit N]` when that is not 0. Standard error lines
 * start with `! `. `[..]` stands for any text within a line, a line `...` for any number of lines. Commands share one folder, in order;
 * `$ cmd > file` keeps standard output, `$name` is the text of the file `name`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const bin = join(import.meta.dirname, "../../bin/modelkeep.js");
const repository = join(import.meta.dirname, "../..");
const scratch = mkdtempSync(join(tmpdir(), "modelkeep-transcripts-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Step {
  readonly command: string;
  readonly expected: readonly string[];
}

function parse(text: string): Step[] {
  const steps: { command: string; expected: string[] }[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    if (line.startsWith("$ ")) steps.push({ command: line.slice(2), expected: [] });
    else steps.at(-1)?.expected.push(line);
  }
  return steps.map(({ command, expected }) => ({ command, expected: trimEnd(expected) }));
}

function run(command: string, cwd: string): string[] {
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-c", `modelkeep() { "${process.execPath}" "${bin}" "$@"; }\n${command.replaceAll(/\$([a-z][a-z0-9-]*)\b/g, "$(cat $1)")}`],
    {
      cwd,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: cwd, LC_ALL: "C.UTF-8", REPO: repository },
      timeout: 60_000,
    },
  );
  const lines = [...stdout.split("\n"), ...stderr.split("\n").map((line) => (line === "" ? "" : `! ${line}`))];
  return trimEnd([...lines.filter((line) => line !== ""), ...(status === 0 ? [] : [`[exit ${status}]`])]);
}

function trimEnd(lines: readonly string[]): string[] {
  return lines.filter((line) => line !== "");
}

/** The first place where the two part, or undefined. */
function matches(expected: readonly string[], actual: readonly string[]): boolean {
  const [want, ...wanted] = expected;
  if (want === undefined) return actual.length === 0;
  if (want === "...")
    return (
      actual.length >= 0 &&
      Array.from({ length: actual.length + 1 }, (_, at) => actual.slice(at)).some((rest) => matches(wanted, rest))
    );
  const [line, ...lines] = actual;
  if (line === undefined) return false;
  const pattern = want.split("[..]").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${pattern.join(".*")}$`).test(line) && matches(wanted, lines);
}

describe("the command line", () => {
  for (const name of readdirSync(import.meta.dirname).filter((file) => file.endsWith(".txt"))) {
    it(`says what ${name} says`, () => {
      const steps = parse(readFileSync(join(import.meta.dirname, name), "utf8"));
      const cwd = mkdtempSync(join(scratch, "home-"));
      expect(steps.length).toBeGreaterThan(0);
      for (const { command, expected } of steps) {
        const actual = run(command, cwd);
        if (!matches(expected, actual)) expect(`$ ${command}\n${actual.join("\n")}`).toBe(`$ ${command}\n${expected.join("\n")}`);
      }
    });
  }
});
