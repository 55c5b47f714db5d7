import { describe, expect, it } from "vitest";
import { ModelkeepError } from "../../base/error/index.ts";
import { parseDuration, parseMoment } from "./duration.ts";
import { cell, createOutput } from "./output.ts";
import { words } from "./words.ts";

function printed(
  json: boolean,
  act: (output: ReturnType<typeof createOutput>) => void,
  env: Record<string, string> = {},
): { out: string; err: string } {
  let out = "";
  let err = "";
  act(createOutput({ stdout: { write: (text) => (out += text) }, stderr: { write: (text) => (err += text) }, env }, json));
  return { out, err };
}

describe("lengths of time", () => {
  it.for([
    ["90d", 90 * 86_400_000],
    ["1h30m", 5_400_000],
    ["45s", 45_000],
    ["500ms", 500],
    ["2w", 14 * 86_400_000],
  ] as const)("%s is understood", ([text, ms]) => expect(parseDuration(text)).toBe(ms));

  it.for(["", "soon", "90", "-1d", "1.5h", "0d", "1d!", "d", "101w1y", "99999999999d", "1e3s"])("%j is refused", (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: "cli/usage", exit: 4 }) as Error);
  });

  it("stand for moments before now, beside ISO dates", () => {
    expect(parseMoment("1h", 10_000_000)).toBe(10_000_000 - 3_600_000);
    expect(parseMoment("2026-01-02T03:04:05Z", 0)).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
    expect(() => parseMoment("2026-13-45", 0)).toThrow(expect.objectContaining({ code: "cli/usage" }) as Error);
  });
});

describe("what a command prints", () => {
  it("under --json is JSON on standard output and nothing else there", () => {
    const { out, err } = printed(true, (output) => {
      output.text("for people");
      output.value({ a: 1 });
      output.table([{ a: 2 }], [{ title: "A", of: (row) => row.a }]);
      output.error(new ModelkeepError("cli/usage", { message: "m", hint: "h", exit: 4 }));
    });
    expect(out).toBe('{"a":1}\n[{"a":2}]\n');
    expect(JSON.parse(err)).toEqual({ error: { code: "cli/usage", message: "m", hint: "h", exit: 4 } });
  });

  it("for people is text, with errors and hints on standard error", () => {
    const { out, err } = printed(false, (output) => {
      output.value({ a: 1 });
      output.table(
        [
          { name: "a", n: 1 },
          { name: "long name", n: null },
        ],
        [
          { title: "NAME", of: (row) => row.name },
          { title: "N", of: (row) => row.n },
        ],
      );
      output.error(new ModelkeepError("cli/usage", { message: "m", hint: "h" }));
    });
    expect(out).toBe("NAME       N\na          1\nlong name  –\n");
    expect(err).toBe("error: m (cli/usage)\nhint: h\n");
  });

  it("shows the cause of what was not foreseen, escaped, and its stack only when asked", () => {
    const cause = new Error("bad \u001b[2J thing");
    expect(printed(false, (output) => output.error(cause)).err).toContain("cause: Error: bad \\u001b[2J thing\n");
    expect(printed(false, (output) => output.error(cause)).err).not.toContain("\n    at ");
    expect(printed(false, (output) => output.error(cause), { MODELKEEP_DEBUG: "1" }).err).toContain("    at ");
  });

  it("never lets text from outside act on a terminal", () => {
    expect(cell("a\u001b]0;x\u0007\r\nb")).toBe("a\\u001b]0;x\\u0007\\u000d\\u000ab");
    expect(cell(["a", "\u202e"])).toBe("a,\\u202e");
    expect(cell({ a: "\u009b" })).toBe('{"a":"\\u009b"}');
    expect([cell(null), cell(""), cell([]), cell(0), cell(false)]).toEqual(["–", "–", "–", "0", "false"]);
  });
});

describe("lists in flags", () => {
  it("are the same with commas, spaces and the flag given twice", () => {
    expect(words("c,,d", words("a,b", undefined))).toEqual(["a", "b", "c", "d"]);
  });
});
