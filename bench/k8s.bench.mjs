// Kubernetes manifests beside checkov: the same folder, whole programs, seconds of the processor, in turn; and the way to the first answer.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuSeconds } from "./lib/cpu.mjs";
import { pythonWith } from "./lib/python.mjs";
import { manifestsIn } from "./lib/scan-files.mjs";
import { print, round, spread } from "./lib/table.mjs";

const files = Number(process.env.FILES ?? 300);
const rounds = Number(process.env.PAIRS ?? 3);
const checkov = join(pythonWith(["checkov==3.3.30"]), "checkov");
const work = mkdtempSync(join(tmpdir(), "modelkeep-k8s-bench-"));
const cli = fileURLToPath(new URL("../bin/modelkeep.js", import.meta.url));
const [many, one] = [join(work, "many"), join(work, "one")];
manifestsIn(many, files);
manifestsIn(one, 1);

const ours = (path) => cpuSeconds(process.execPath, [cli, "scan", path, "--json"]);
const theirs = (path) =>
  cpuSeconds(checkov, ["-d", path, "--framework", "kubernetes", "--skip-download", "--quiet", "--compact"]);
const seconds = { ours: [], theirs: [], oursOne: [], theirsOne: [], node: [] };
for (let i = 0; i < rounds; i++) {
  seconds.ours.push(ours(many));
  seconds.theirs.push(theirs(many));
  seconds.oursOne.push(ours(one));
  seconds.theirsOne.push(theirs(one));
  seconds.node.push(cpuSeconds(process.execPath, ["-e", "0"]));
}
const middle = Object.fromEntries(Object.entries(seconds).map(([name, list]) => [name, spread(list).median]));
print(`${files} files of a Deployment and a Service, CPU seconds`, {
  modelkeep: { "CPU s": round(middle.ours), "files/CPU s": round(files / middle.ours), "one file, CPU s": round(middle.oursOne) },
  checkov: {
    "CPU s": round(middle.theirs),
    "files/CPU s": round(files / middle.theirs),
    "one file, CPU s": round(middle.theirsOne),
  },
  ratio: { "CPU s": round(middle.theirs / middle.ours), "one file, CPU s": round(middle.theirsOne / middle.oursOne) },
  "node -e 0": { "one file, CPU s": round(middle.node) },
});
rmSync(work, { recursive: true });
