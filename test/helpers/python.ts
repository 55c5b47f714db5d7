import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The interpreter of a virtual environment that holds exactly these packages, made on first use and kept for the machine: foreign clients
 * run in the tests as themselves.
 */
export function pythonWith(packages: readonly string[]): string {
  const name = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 12);
  const home = join(tmpdir(), "modelkeep-venvs");
  const dir = join(home, name);
  const python = join(dir, "bin", "python");
  if (existsSync(join(dir, "complete"))) return python;
  mkdirSync(home, { recursive: true });
  rmSync(dir, { recursive: true, force: true });
  execFileSync("python3", ["-m", "venv", dir], { stdio: "inherit" });
  execFileSync(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages], { stdio: "inherit" });
  writeFileSync(join(dir, "complete.new"), packages.join("\n"));
  renameSync(join(dir, "complete.new"), join(dir, "complete"));
  return python;
}
