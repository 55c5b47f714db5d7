#!/usr/bin/env node
import { existsSync } from "node:fs";

const compiled = new URL("../dist/command/index.js", import.meta.url);
if (!existsSync(compiled)) {
  process.stderr.write("error: modelkeep is not built yet\nhint: npm run build\n");
  process.exit(2);
}
const { heedClosedPipes, runCommandLine } = await import(compiled.href);
const argv = process.argv.slice(2);
heedClosedPipes(argv, process);
process.exitCode = await runCommandLine(argv, process);
