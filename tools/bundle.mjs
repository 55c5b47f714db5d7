// The command's files as a few large ones, in dist/command: opening 500 small files takes Node longer than most commands take (docs/adr/0010).
// Rooms that are loaded when first used stay files of their own. Workers and the export map keep dist/ as the compiler writes it.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { rolldown } from "rolldown";

const root = join(import.meta.dirname, "..");
const source = join(root, "src");
const out = join(root, "dist/command");

/** Small packages that nearly every command loads, and that consist of many files; all others stay where npm put them. */
const packed = ["@noble/hashes", "commander", "fzstd", "yaml"];

const isPacked = (id) => packed.some((name) => id === name || id.startsWith(`${name}/`));
const isOutside = (id, _from, isResolved) => !isResolved && /^[@a-z]/i.test(id) && !isPacked(id);

/** A module goes on finding its workers and data from where the compiler puts it: every large file lies one folder deep in dist/. */
const placesKept = {
  name: "places-kept",
  transform(code, id) {
    if (!id.startsWith(source) || !code.includes("import.meta")) return undefined;
    if (/import\.meta\.(?!url\b)/.test(code)) throw new Error(`${id}: only import.meta.url can be bundled`);
    const compiled = relative(source, id).replaceAll("\\", "/").replace(/\.ts$/, ".js");
    return { code: code.replaceAll("import.meta.url", `new URL("../${compiled}", import.meta.url).href`) };
  },
};

export async function bundle() {
  rmSync(out, { recursive: true, force: true });
  const bundled = await rolldown({
    input: join(source, "app/cli/index.ts"),
    platform: "node",
    external: isOutside,
    plugins: [placesKept],
    checks: { sourcemapBroken: false }, // a place is written longer than it was: columns behind it are off, lines are not
  });
  await bundled.write({ dir: out, format: "esm", sourcemap: true, comments: { legal: true, jsdoc: false } });
  await bundled.close();
  writeFileSync(join(out, "LICENSES.txt"), packed.map(licenceOf).join("\n"));
}

/** What lies in the large files is given on, so its licence goes along. */
function licenceOf(name) {
  const folder = join(root, "node_modules", name);
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = ["LICENSE", "LICENSE.md", "license"].map((one) => join(folder, one)).find(existsSync);
  return `${name} ${version}\n\n${readFileSync(file, "utf8")}`;
}
