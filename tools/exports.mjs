// `npm run generate` writes package.json's export map from the rooms that exist; test/architecture/exports.test.ts holds it to them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = [["./package.json", "./package.json"]];
for (const folder of readdirSync(join(root, "src"))) {
  for (const room of readdirSync(join(root, "src", folder))) {
    const face = (name) => ({ types: `./dist/${folder}/${room}/${name}.d.ts`, default: `./dist/${folder}/${room}/${name}.js` });
    const node = existsSync(join(root, "src", folder, room, "index.node.ts")) ? { node: face("index.node") } : {};
    if (existsSync(join(root, "src", folder, room, "index.ts"))) entries.push([`./${room}`, { ...node, ...face("index") }]);
  }
}
manifest.exports = Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(root, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
