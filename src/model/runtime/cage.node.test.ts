// Starts processes from dist/: `npm run build` first.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digits, digitsModel } from "../../../test/helpers/digits.ts";
import { ModelkeepError } from "../../base/error/index.ts";
import { workerEntry } from "../../base/port/index.node.ts";
import { GraphBuilder, tensorOf, writeModel } from "../onnx/index.ts";
import type { CageFacts } from "./cage-facts.ts";
import { cageCommand, findCage, searchPath } from "./cage.node.ts";
import type { Cage } from "./cage.node.ts";
import { startChild } from "./child-link.node.ts";
import type { ChildOptions } from "./child-link.node.ts";
import { createHost } from "./host.ts";
import type { Host } from "./host.ts";
import { createRuntime } from "./index.node.ts";
import type { IsolationReport } from "./index.node.ts";
import { reportOf } from "./isolation-report.node.ts";

const entry = workerEntry(import.meta.url, "./child-entry.node.ts");
const mib = 2 ** 20;
let cage: Cage;
let report: IsolationReport;
beforeAll(async () => {
  cage = await findCage(entry);
  report = await createRuntime().isolationReport();
});

/** What a script says from inside the cage. */
function inside(script: string, env: Record<string, string> = {}): Promise<string> {
  const { file, args } = cageCommand(cage, 256 * mib, [process.execPath, "--jitless", "-e", script]);
  return new Promise((resolve) => {
    execFile(file, args, { env: { ...searchPath, ...env }, cwd: "/" }, (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}` : stdout),
    );
  });
}

describe("the cage", () => {
  it("works here, and says for each cap that does not hold what would give it", () => {
    const { works, notes, ...caps } = report;
    expect(works).toBe(true);
    expect(notes).toHaveLength(Object.values(caps).filter((holds) => !holds).length);
  });

  it("cuts off the network, if it says so", async () => {
    const server = createServer((socket) => socket.end("reached"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const said = await inside(
      `require("net").connect(${port}, "127.0.0.1").on("data", (d) => console.log(String(d))).on("error", (e) => console.log(e.code))`,
    );
    await new Promise((resolve) => server.close(resolve));
    expect(said.includes("reached")).toBe(!report.noNetwork);
  });

  it("takes no more memory than it may, if it says so", async () => {
    const said = await inside(
      `const all = []; for (let i = 0; i < 64; i++) { all.push(Buffer.alloc(${16 * mib}, 1)); require("fs").writeSync(1, "+"); }`,
    );
    const taken = said.split("+").length - 1;
    expect(taken).toBeGreaterThan(3);
    if (report.memoryLimit) expect(taken).toBeLessThan(16);
  });

  it("has no environment, not even what its owner has", async () => {
    expect((await inside("console.log(JSON.stringify(process.env))", { SECRET: "hunter2" })).trim()).toBe("{}");
  });

  it("writes no file and reads no secret of its owner, if it says so", async () => {
    const dir = mkdtempSync(join(tmpdir(), "cage-"));
    writeFileSync(join(dir, "secret"), "hunter2", { mode: 0o600 });
    const wrote = await inside(
      `try { require("fs").writeFileSync("/tmp/cage-${process.pid}", "x"); console.log("wrote") } catch { console.log("no") }`,
    );
    const read = await inside(
      `try { console.log(require("fs").readFileSync(${JSON.stringify(join(dir, "secret"))}, "utf8")) } catch { console.log("no") }`,
    );
    rmSync(dir, { recursive: true });
    rmSync(`/tmp/cage-${process.pid}`, { force: true });
    expect(wrote.includes("wrote")).toBe(!report.noFileWrites);
    if (report.ownUser && !cage.dropInside) expect(read).not.toContain("hunter2");
  });
});

describe("the report", () => {
  const facts: CageFacts = {
    user: 12_345,
    networkNamespace: "net:[1]",
    userNamespace: null,
    memoryBytes: 1,
    coreBytes: 0,
    fileBytes: 0,
    noNewPrivileges: true,
    environment: 0,
  };

  it("does not take a number in another user namespace for another user", () => {
    expect(reportOf({ ...facts, user: 0, userNamespace: "user:[1]" })).toMatchObject({ works: true, ownUser: false });
  });

  it("says what does not hold, and that nothing does when no process starts", () => {
    expect(reportOf({ ...facts, memoryBytes: null, coreBytes: null, environment: 2 })).toMatchObject({
      memoryLimit: false,
      noCoreDumps: false,
      emptyEnvironment: false,
      notes: expect.arrayContaining([expect.stringContaining("memory is not limited"), expect.stringContaining("core dump")]),
    });
    const broken = new ModelkeepError("runtime/not-installed", { message: "gone" });
    expect(reportOf(broken)).toMatchObject({ works: false, ownUser: false, notes: [expect.stringContaining("gone")] });
  });
});

describe("a process that is not what it should be", () => {
  const dir = mkdtempSync(join(tmpdir(), "liar-"));
  const hosts: Host[] = [];
  afterAll(() => {
    for (const host of hosts) void host.kill();
    rmSync(dir, { recursive: true });
  });

  /** A process that runs `script` where ours runs the model; `say` writes to its owner. */
  function liar(name: string, script: string, options: Partial<ChildOptions> = {}): Host {
    const file = join(dir, `${name}.mjs`);
    writeFileSync(file, `import fs from "node:fs"; const say = (b) => fs.writeSync(3, b);\n${script}`, { mode: 0o644 });
    const open: Cage = { limits: false, network: [], privileges: [], dropInside: false };
    const host = createHost((events) =>
      startChild({ entry: pathToFileURL(file), cage: open, memoryBytes: 512 * mib, maxFrameBytes: mib, ...options }, events),
    );
    hosts.push(host);
    return host;
  }

  const prefix = "const p = Buffer.alloc(16); ";
  it.for([
    ["garbage", "say(Buffer.alloc(100, 0xff)); setInterval(() => {}, 1000)", "runtime/bad-frame"],
    ["a-terabyte", `${prefix} p.writeDoubleLE(2 ** 40, 8); say(p); setInterval(() => {}, 1000)`, "runtime/bad-frame"],
    ["an-endless-head", `${prefix} p.writeUInt32LE(2 ** 31); say(p); setInterval(() => {}, 1000)`, "runtime/bad-frame"],
    ["silence-and-death", "process.exit(3)", "runtime/worker-lost"],
    ["a-crash", "process.abort()", "runtime/worker-lost"],
    [
      "endless-noise",
      'const b = "x".repeat(65536); process.stderr.on("error", () => process.exit(4)); for (let i = 0; i < 2000; i++) fs.writeSync(2, b); process.exit(5)',
      "runtime/worker-lost",
    ],
  ] as const)("is found out and ended: %s", async ([name, script, code]) => {
    const host = liar(name, script);
    const opened = host.open(digitsModel(), { timeoutMs: 5000, maxOutputBytes: mib });
    await expect(opened).rejects.toMatchObject({ code, status: 503 });
    expect(await host.lost).toMatchObject({ code });
    expect(host.isLost).toBe(true);
  });

  it("cannot answer for a question it was not asked, nor in place of its owner's errors", async () => {
    const { encodeFrame } = await import("./frame.ts");
    const frame = (kind: "ran" | "failed", id: number, text: string): string =>
      Buffer.concat(encodeFrame({ kind, id, ms: 0, text, tensors: [] })).toString("base64");
    const unasked = liar("unasked", `say(Buffer.from("${frame("ran", 99, "")}", "base64")); setInterval(() => {}, 1000)`);
    expect(await unasked.lost).toMatchObject({ code: "runtime/bad-frame" });
    const forged = JSON.stringify({ code: "access/denied", message: "\u001b[2Jgive me the key", hint: 7, status: 200 });
    const forger = liar("forger", `say(Buffer.from("${frame("failed", 0, forged)}", "base64")); setInterval(() => {}, 1000)`);
    expect(await forger.lost).toMatchObject({ code: "runtime/bad-frame", status: 503 });
    const rude = JSON.stringify({ code: "runtime/run-failed", message: `\u001b[2J${"x".repeat(5000)}`, status: 200 });
    const error = await liar("rude", `say(Buffer.from("${frame("failed", 0, rude)}", "base64")); setInterval(() => {}, 1000)`)
      .lost;
    expect(error).toMatchObject({ code: "runtime/run-failed", status: 500 });
    expect(error.message).toMatch(/^\\u001b\[2Jx+…$/);
    expect(error.message.length).toBeLessThan(700);
  });

  it("is stopped by the watchdog where the kernel sets no limit", async () => {
    const b = new GraphBuilder();
    const y = b.op(
      "ReduceMax",
      [b.op("ConstantOfShape", [b.input("s", "int64", [1])], { value: tensorOf("float32", [1], [1]) })],
      { keepdims: 0 },
    );
    b.output(y, "float32", []);
    const host = createHost((events) =>
      startChild({ entry, cage: { ...cage, limits: false }, memoryBytes: 400 * mib, maxFrameBytes: mib }, events),
    );
    hosts.push(host);
    await host.open(writeModel(b.model()), { timeoutMs: 10_000, maxOutputBytes: mib });
    const run = (count: number): Promise<unknown> =>
      host.run([{ name: "s", ...tensorOf("int64", [1], [count]) }], { outputs: [], timeoutMs: 20_000 });
    await run(1000);
    if (report.memoryWatchdog)
      await expect(run(1_000_000_000)).rejects.toMatchObject({ code: "runtime/out-of-memory", status: 503 });
  });

  it("may also be an honest one: then everything works under the same rules", async () => {
    const host = createHost((events) => startChild({ entry, cage, memoryBytes: 512 * mib, maxFrameBytes: mib }, events));
    hosts.push(host);
    await host.open(digitsModel(), { timeoutMs: 10_000, maxOutputBytes: mib });
    const { outputs } = await host.run([digits(0, 1).input], { outputs: ["logits"], timeoutMs: 5000 });
    expect(outputs.map(({ name, dims }) => [name, dims])).toEqual([["logits", [1, 10]]]);
    expect(host.memoryBytes()).toBeGreaterThan(mib);
    await host.close();
    expect(host.isLost).toBe(true);
  });
});
