// A training that is killed, or whose disk is full, at any moment, again and again, ends with the bytes of one that never was. Needs `npm run build`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toFloat } from "../../src/model/onnx/index.ts";
import { readCheckpoint } from "../../src/model/train/index.node.ts";
import { clouds } from "../helpers/train-sets.ts";

const bin = join(import.meta.dirname, "../../bin/modelkeep.js");
const killer = pathToFileURL(join(import.meta.dirname, "../helpers/kill-at-checkpoint.mjs")).href;
const dir = mkdtempSync(join(tmpdir(), "modelkeep-train-kill-"));
const at = (...names: string[]): string => join(dir, ...names);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Ways {
  readonly killAt?: string;
  /** The kernel ends every file here, as a full disk would. */
  readonly fileBytes?: number;
}

function modelkeep(args: readonly string[], { killAt, fileBytes }: Ways = {}) {
  const limit = fileBytes === undefined ? [] : ["prlimit", `--fsize=${fileBytes}`];
  const hook = killAt === undefined ? [] : ["--import", killer];
  const [program, ...rest] = [...limit, process.execPath, ...hook, bin, ...args] as [string, ...string[]];
  return spawnSync(program, rest, { cwd: dir, encoding: "utf8", env: { ...process.env, KILL_AT: killAt ?? "" } });
}

// 200 examples to learn from in batches of 32: 7 steps an epoch, 21 in all.
const recipe = "--data clouds.csv --target label --epochs 3 --batch 32 --validation 0.2 --ema 0.9 --clip 1 --warmup 4".split(" ");
const start = (name: string): string[] => ["train", "net.onnx", ...recipe, "--out", `${name}.onnx`, "--runs", name];
const runOf = (name: string): string => join(name, readdirSync(at(name))[0]!);
const sameAsWhole = (name: string): boolean => readFileSync(at(`${name}.onnx`)).equals(readFileSync(at("whole.onnx")));
const stepOf = async (run: string): Promise<number> =>
  (await readCheckpoint(new Uint8Array(readFileSync(at(run, "checkpoint.npz"))), "checkpoint.npz")).step;

beforeAll(() => {
  const { tensors } = clouds(250).take(Uint32Array.from({ length: 250 }, (_, i) => i));
  const x = toFloat(tensors["x"]!);
  const rows = Array.from({ length: 250 }, (_, i) => `${x[2 * i]},${x[2 * i + 1]},c${i % 3}`);
  writeFileSync(at("clouds.csv"), ["a,b,label", ...rows].join("\n"));
  expect(modelkeep(["model", "new", "mlp", "--input", "2", "--classes", "3", "--out", "net.onnx"]).status).toBe(0);
  const whole = modelkeep(start("whole"));
  expect(whole.status, whole.stderr).toBe(0);
});

describe("a training that is killed", () => {
  // Checkpoints come after each step and after each epoch: the 8th is that of the first epoch's end, beside the 7th of its last step.
  const moments = ["writing:1", "writing:2", "renaming:3", "renamed:1", "renamed:3", "writing:4", "renaming:1", "renamed:6"];

  it("at eight moments of its checkpoints, and resumed each time, ends with the same bytes", async () => {
    const every = ["--checkpoint-every", "1"];
    let args = [...start("cut"), ...every];
    let last = 0;
    for (const killAt of moments) {
      const killed = modelkeep(args, { killAt });
      expect(killed.signal, `${killAt}: ${killed.stderr}`).toBe("SIGKILL");
      const run = runOf("cut");
      args = ["train", "--resume", run, ...every];
      const [moment, count] = killAt.split(":") as [string, string];
      expect(existsSync(at(run, "checkpoint.npz.part")), killAt).toBe(moment !== "renamed");
      const whole = Number(count) - (moment === "renamed" ? 0 : 1);
      if (last + whole === 0) continue;
      // What was cut off is no loss but of itself: the last one that was whole is there.
      const step = await stepOf(run);
      expect(step, killAt).toBeGreaterThanOrEqual(last);
      expect(step, killAt).toBeLessThanOrEqual(last + whole);
      last = step;
    }
    expect(last).toBeGreaterThan(7);
    const ended = modelkeep(args);
    expect(ended.status, ended.stderr).toBe(0);
    expect(sameAsWhole("cut")).toBe(true);
    expect(readdirSync(at(runOf("cut"))).sort()).toEqual(["checkpoint.npz", "curves.svg", "manifest.json", "result.json"]);
  });
});

describe("a disk that fills during a checkpoint", () => {
  it("leaves the last one whole, is said with the way out, and resumes to the same bytes", async () => {
    const every = ["--checkpoint-every", "3"];
    expect(modelkeep([...start("full"), ...every], { killAt: "renamed:2" }).signal).toBe("SIGKILL");
    const run = runOf("full");
    const before = readFileSync(at(run, "checkpoint.npz"));
    const full = modelkeep(["train", "--resume", run, ...every], { fileBytes: before.length >> 1 });
    expect(full.status).toBe(2);
    expect(full.stderr).toMatch(/a checkpoint of \d+ bytes cannot be written .*EFBIG/);
    expect(full.stderr).toContain(`modelkeep train --resume ${run}`);
    expect(existsSync(at("full.onnx"))).toBe(false);
    expect(readFileSync(at(run, "checkpoint.npz")).equals(before)).toBe(true);
    expect(existsSync(at(run, "checkpoint.npz.part"))).toBe(false);
    expect(await stepOf(run)).toBe(6);
    expect(modelkeep(["train", "--resume", run]).status).toBe(0);
    expect(sameAsWhole("full")).toBe(true);
  });
});
