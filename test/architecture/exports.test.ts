import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { floors } from "./house.ts";

const root = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: Record<string, unknown> };

/** The map that the rooms on disk ask for: portable face by default, Node's face under `node` where there is one. */
function wantedExports(): Record<string, unknown> {
  const wanted: [string, unknown][] = [["./package.json", "./package.json"]];
  for (const { folder, rooms } of floors) {
    for (const room of rooms) {
      const at = join(root, "src", folder, room);
      if (!existsSync(at)) continue;
      const face = (name: string) => ({
        types: `./dist/${folder}/${room}/${name}.d.ts`,
        default: `./dist/${folder}/${room}/${name}.js`,
      });
      const node = existsSync(join(at, "index.node.ts")) ? { node: face("index.node") } : {};
      wanted.push([`./${room}`, { ...node, ...face("index") }]);
    }
  }
  return Object.fromEntries(wanted.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

describe("the export map", () => {
  it("has one entry for each room, and no other", () => {
    expect(manifest.exports).toEqual(wantedExports());
    expect(Object.keys(manifest.exports).length).toBeGreaterThan(8);
  });

  it("leads only to rooms that have a public face", () => {
    const faceless = floors
      .flatMap(({ folder, rooms }) => rooms.map((room) => join(root, "src", folder, room)))
      .filter((at) => existsSync(at) && (!existsSync(join(at, "index.ts")) || readdirSync(at).length < 2));
    expect(faceless).toEqual([]);
  });
});
