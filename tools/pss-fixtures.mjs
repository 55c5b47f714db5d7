// Packs the official Pod Security Standards fixtures into test/fixtures/pss/fixtures.json.gz: each different text once, and which text each
// file is. Usage: node tools/pss-fixtures.mjs "$(go mod download -json k8s.io/pod-security-admission@v0.37.2 | jq -r .Dir)/test/testdata"
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [from] = process.argv.slice(2);
const texts = new Map();
const files = {};
for (const name of readdirSync(from, { recursive: true }).toSorted()) {
  if (!name.endsWith(".yaml")) continue;
  const text = readFileSync(join(from, name), "utf8");
  if (!texts.has(text)) texts.set(text, texts.size);
  files[name] = texts.get(text);
}
const packed = gzipSync(JSON.stringify({ texts: [...texts.keys()], files }), { level: 9 });
writeFileSync(join(import.meta.dirname, "../test/fixtures/pss/fixtures.json.gz"), packed);
console.log(`${Object.keys(files).length} files, ${texts.size} texts, ${packed.length} bytes`);
