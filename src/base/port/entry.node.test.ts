// Needs `npm run build` before it, like every test that starts a worker.
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { workerEntry } from "./entry.node.ts";

describe("workerEntry", () => {
  it("gives the compiled twin while running from source", () => {
    const url = workerEntry(import.meta.url, "./entry.node.ts");
    expect(url.pathname).toMatch(/\/dist\/base\/port\/entry\.node\.js$/);
    expect(existsSync(url)).toBe(true);
  });

  it("gives the file beside the caller once compiled, whatever the folders are called", () => {
    const url = workerEntry("file:///srv/src/modelkeep/dist/a/b.js", "../c/w.node.ts");
    expect(url.href).toBe("file:///srv/src/modelkeep/dist/c/w.node.js");
  });

  it("says how to build when there is no twin", () => {
    expect(() => workerEntry(import.meta.url, "./nowhere.ts")).toThrow(
      expect.objectContaining({ code: "port/not-built", hint: expect.stringContaining("npm run build") }),
    );
    expect(() => workerEntry("file:///elsewhere/x.ts", "./y.ts")).toThrow(expect.objectContaining({ code: "port/not-built" }));
  });
});
