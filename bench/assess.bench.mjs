// The default assessment of the bundled digit model: what it costs, and when it first says something useful. There is no peer that does as much.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { usage } from "./lib/processes.mjs";
import { print, round } from "./lib/table.mjs";

const limit = process.env.LIMIT ?? "1000";
const root = join(import.meta.dirname, "..");
const out = mkdtempSync(join(tmpdir(), "modelkeep-bench-assess-"));
const args = ["assess", join(root, "examples/models/digits.onnx"), "--data", "mnist", "--limit", limit, "--out", out];

const began = performance.now();
const child = spawn(process.execPath, [join(root, "bin/modelkeep.js"), ...args], { stdio: ["ignore", "inherit", "pipe"] });
const seconds = () => (performance.now() - began) / 1000;
const marks = {};
createInterface({ input: child.stderr }).on("line", (line) => {
  if (line.startsWith("clean:")) marks.clean ??= seconds();
  if (line.includes("leaves right")) marks.bound ??= seconds();
});
// A process that has ended cannot be asked what it cost.
let cpu = 0;
const watch = setInterval(() => (cpu = Math.max(cpu, usage(child.pid).cpuSeconds)), 250);
const code = await new Promise((resolve) => child.once("close", resolve));
clearInterval(watch);
rmSync(out, { recursive: true });
if (code !== 0) throw new Error(`assess ended with ${code}`);
print(`assess, default, ${limit} digits`, {
  "clean figure, s": { target: 10, ours: round(marks.clean) },
  "first bound for every radius, s": { target: 10, ours: round(marks.bound) },
  "whole report, s": { target: 120, ours: round(seconds()) },
  "processor time, s": { target: 120, ours: round(cpu) },
});
