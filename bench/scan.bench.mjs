// Pickles beside ModelScan and picklescan: the same folder, seconds of the processor, in turn. Then one large file, and the public corpus of
// hostile files that comes with picklescan's source, when it can be had.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scanPath } from "../dist/posture/scan/index.node.js";
import { cpuSeconds } from "./lib/cpu.mjs";
import { pythonWith } from "./lib/python.mjs";
import { largePickle, picklesIn } from "./lib/scan-files.mjs";
import { print, round, spread } from "./lib/table.mjs";

const files = Number(process.env.FILES ?? 1000);
const rounds = Number(process.env.PAIRS ?? 3);
const bin = pythonWith(["modelscan==0.8.8", "picklescan==1.0.5"]);
const work = mkdtempSync(join(tmpdir(), "modelkeep-scan-bench-"));
const cli = fileURLToPath(new URL("../bin/modelkeep.js", import.meta.url));
const folder = join(work, "pickles");
picklesIn(folder, files);
const larger = join(work, "larger");
picklesIn(larger, Math.ceil(files / 4), 10_000);

/** Both peers and this one over a folder, in turn. */
function compare(title, path, count) {
  const sides = {
    modelkeep: () => cpuSeconds(process.execPath, [cli, "scan", path, "--json"]),
    picklescan: () => cpuSeconds(join(bin, "picklescan"), ["--path", path]),
    modelscan: () => cpuSeconds(join(bin, "modelscan"), ["--path", path]),
  };
  const seconds = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let i = 0; i < rounds; i++) for (const [name, run] of Object.entries(sides)) seconds[name].push(run());
  const ours = spread(seconds.modelkeep).median;
  const rows = Object.entries(seconds).map(([name, list]) => {
    const { median } = spread(list);
    return [name, { "CPU s": round(median), "files/s": round(count / median), "over ours": round(median / ours) }];
  });
  print(title, Object.fromEntries(rows));
}
compare(`${files} pickles of 40 numbers, whole programs, CPU seconds`, folder, files);
compare(`${Math.ceil(files / 4)} pickles of 10,000 numbers, whole programs, CPU seconds`, larger, Math.ceil(files / 4));

const warm = () => {
  const before = process.cpuUsage();
  const count = [...scanPath(folder)].length;
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
};
const large = join(work, "large.pkl");
largePickle(large, 1 << 29);
const stream = () => {
  const before = process.cpuUsage();
  const [target] = [...scanPath(large)];
  const { user, system } = process.cpuUsage(before);
  if (target.status !== "scanned" || target.findings.length > 0) throw new Error("the large file is not clean");
  return ((1 << 29) * 1e6) / (user + system) / 1e9;
};
warm();
print("in one process, one core", {
  "pickles, files/s": { figure: round(spread(Array.from({ length: rounds }, warm)).median) },
  "512 MiB pickle, GB/s": { figure: round(spread(Array.from({ length: rounds }, stream)).median) },
});

const corpus = process.env.CORPUS ?? fetchCorpus();
if (corpus !== undefined) {
  const grave = new Set();
  const all = ["data", "data2"].flatMap((part) =>
    readdirSync(join(corpus, part), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name)),
  );
  for (const path of all) {
    for (const { findings } of scanPath(path))
      if (findings.some(({ severity }) => severity === "critical" || severity === "high")) grave.add(path);
  }
  print("picklescan's own files", { files: { count: all.length }, "found at high or critical": { count: grave.size } });
  console.log(
    `not flagged: ${all
      .filter((path) => !grave.has(path))
      .map((path) => path.split("/").at(-1))
      .join(", ")}`,
  );
}

function fetchCorpus() {
  try {
    execFileSync(join(bin, "pip"), ["download", "--quiet", "--no-deps", "--no-binary", ":all:", "-d", work, "picklescan==1.0.5"]);
    const archive = readdirSync(work).find((name) => name.endsWith(".tar.gz"));
    execFileSync("tar", ["xzf", join(work, archive), "-C", work]);
    const tests = join(work, archive.replace(/\.tar\.gz$/, ""), "tests");
    if (existsSync(join(tests, "data"))) return tests;
  } catch {
    // answered below
  }
  console.log("the corpus is not in picklescan's source archive: CORPUS=<picklescan checkout>/tests measures it");
  return undefined;
}
rmSync(work, { recursive: true });
