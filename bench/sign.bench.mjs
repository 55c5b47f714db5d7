// Hashing for signatures: bytes a second of one core (processor time), from a file in the page cache, beside coreutils' sha256sum on the same file.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashFile } from "../dist/posture/sign/model/hash-file.node.js";

const megabytes = Number(process.env.MEGABYTES ?? 512);
const pairs = Number(process.env.PAIRS ?? 5);
const folder = mkdtempSync(join(tmpdir(), "modelkeep-bench-"));
const file = join(folder, "weights.bin");
for (let i = 0; i < megabytes; i += 16) writeFileSync(file, randomBytes(16 << 20), { flag: "a" });

const rules = { hashType: "sha256", shardBytes: undefined, followLink: false };
const gigabytes = (megabytes * 2 ** 20) / 1e9;

function ours() {
  const before = process.cpuUsage();
  const { parts } = hashFile(file, rules);
  const { user, system } = process.cpuUsage(before);
  return { digest: parts[0].digest, rate: gigabytes / ((user + system) / 1e6) };
}

function theirs() {
  const script = 'TIMEFORMAT="%U %S"; time sha256sum "$1"';
  const text = execFileSync("bash", ["-c", `{ ${script}; } 2>&1`, "bash", file], { encoding: "utf8" });
  const [digest] = text.split(" ");
  const [user, system] = text.trim().split("\n").at(-1).split(" ").map(Number);
  return { digest, rate: gigabytes / (user + system) };
}

try {
  ours();
  console.log(`sha256 of ${megabytes} MB, GB a second of processor time`);
  for (let pair = 0; pair < pairs; pair++) {
    const [a, b] = [ours(), theirs()];
    if (a.digest !== b.digest) throw new Error("the two disagree on the digest");
    console.log(`ours ${a.rate.toFixed(2)}   sha256sum ${b.rate.toFixed(2)}   ratio ${(a.rate / b.rate).toFixed(2)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
