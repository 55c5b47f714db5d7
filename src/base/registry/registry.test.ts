import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRegistry } from "./index.ts";

const two = [
  { id: "clock", title: "Clock" },
  { id: "alpha", title: "Alpha" },
];

describe("a registry", () => {
  it("lists by id and finds by id", () => {
    const registry = createRegistry("check", two);
    expect(registry.all.map(({ id }) => id)).toEqual(["alpha", "clock"]);
    expect(registry.get("clock").title).toBe("Clock");
    expect(registry.has("zeta")).toBe(false);
  });

  it("answers an unknown id with the nearest", () => {
    const registry = createRegistry("check", two);
    expect(() => registry.get("clokc")).toThrow(
      expect.objectContaining({
        code: "registry/unknown",
        message: "no check `clokc`",
        hint: "did you mean `clock`?",
        exit: 4,
      }) as Error,
    );
  });

  it("refuses two definitions of one id", () => {
    expect(() => createRegistry("check", [...two, two[0]!])).toThrow(
      expect.objectContaining({ code: "registry/duplicate" }) as Error,
    );
  });
});

describe("generated lists", () => {
  it("are as fresh as the files beside them", () => {
    const tool = join(import.meta.dirname, "../../../tools/registry.mjs");
    expect(() => execFileSync(process.execPath, [tool, "--check"], { stdio: "pipe" })).not.toThrow();
  });
});
