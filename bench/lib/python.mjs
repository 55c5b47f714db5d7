import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Packages from PyPI in a virtual environment under the system's temporary folder, kept for the next run; gives its `bin` folder. */
export function pythonWith(packages) {
  const folder = join(tmpdir(), `modelkeep-bench-${packages.join("-").replaceAll(/[^a-z0-9.-]/g, "")}`);
  const bin = join(folder, "bin");
  const whole = join(folder, "installed");
  if (existsSync(whole)) return bin;
  console.error(`installing ${packages.join(" ")} into ${folder}`);
  run("python3", ["-m", "venv", "--clear", folder]);
  run(join(bin, "pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages]);
  writeFileSync(whole, "");
  return bin;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}`, { cause: error });
}
