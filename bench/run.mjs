// `npm run bench -- NAME`: measures beside a named peer, both sides in turn in one run, and prints a table. Without a name: lists them.
import { readdirSync } from "node:fs";

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".bench.mjs"))
  .map((file) => file.slice(0, -".bench.mjs".length));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
if (wanted.length === 0 || wanted.some((name) => !names.includes(name))) {
  console.error(`usage: npm run bench -- NAME…\nnames: ${names.join(", ")}`);
  process.exit(4);
}
for (const name of wanted) await import(`./${name}.bench.mjs`);
