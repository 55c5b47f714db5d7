// `npm run build`: types to dist/ by the compiler, the files that are data (policies, models, pages) beside them, the command in a few large files.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const tsc = spawnSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")],
  { stdio: "inherit" },
);
if (tsc.status !== 0) process.exit(tsc.status ?? 1);

await import("./empty-database.mjs");

const data = /\.(cedar|cedarschema|json|yaml|sql|onnx)$/;
for (const name of readdirSync(join(root, "src"), { recursive: true })) {
  if (!data.test(name)) continue;
  const to = join(root, "dist", name);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(root, "src", name), to);
}

await (await import("./bundle.mjs")).bundle();
