/** The command as the build packs it (docs/adr/0010). */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const packed = join(root, "dist/command");
const folder = mkdtempSync(join(tmpdir(), "modelkeep-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the command", () => {
  it("reads a few dozen modules to scan one manifest, not the whole house", () => {
    writeFileSync(join(folder, "a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    const counter = pathToFileURL(join(root, "test/helpers/count-modules.mjs")).href;
    const words = ["--import", counter, join(root, "bin/modelkeep.js"), "scan", join(folder, "a.yaml"), "--json"];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
    expect([status, JSON.parse(stdout).summary.scanned]).toEqual([0, 1]);
    const count = Number(/modules: (\d+)/.exec(stderr)?.[1]);
    expect(count).toBeGreaterThan(5); // the counter counts
    expect(count).toBeLessThan(40);
  });

  it("finds its workers and data where the compiler puts them", () => {
    const names = readdirSync(packed).filter((name) => name.endsWith(".js"));
    const places = names.flatMap((name) => {
      const text = readFileSync(join(packed, name), "utf8");
      return [...text.matchAll(/new URL\("(\.\.\/[^"]+)", import\.meta\.url\)\.href/g)].map(([, place]) => place!);
    });
    expect(places.length).toBeGreaterThan(8);
    for (const place of places) expect([place, existsSync(join(packed, place))]).toEqual([place, true]);
  });

  it("gives the licences of what it carries along", () => {
    const text = readFileSync(join(packed, "LICENSES.txt"), "utf8");
    for (const name of ["@noble/hashes", "commander", "fzstd", "yaml"]) expect(text).toMatch(new RegExp(`^${name} \\d`, "m"));
    expect(text.match(/Permission (is hereby granted|to use, copy)/g)).toHaveLength(4);
  });
});
