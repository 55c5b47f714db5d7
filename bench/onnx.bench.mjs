// Reading a 100 MB model, checking it and knowing its cost, beside PyPI `onnx` (protobuf in C++) reading the same file. Memory is what the
// process holds more after reading than with the bytes alone: weights are views, so it should be next to nothing.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkModel, contractOf, costOf, GraphBuilder, readModel, tensorOf, writeModel } from "../dist/model/onnx/index.js";
import { print, round, spread } from "./lib/table.mjs";

const rounds = Number(process.env.ROUNDS ?? 7);

/** 25 dense layers of 1024 × 1024: 105 MB, and what real files have of small nodes between. */
function largeModel() {
  const b = new GraphBuilder();
  let value = b.input("x", "float32", ["N", 1024]);
  for (let layer = 0; layer < 25; layer++) {
    const weights = new Uint8Array(1024 * 1024 * 4).fill(layer);
    const w = b.initializer(`w${layer}`, { type: "float32", dims: [1024, 1024], data: weights });
    const bias = b.initializer(`b${layer}`, tensorOf("float32", [1024], Array(1024).fill(0)));
    value = b.op("Relu", [b.op("Gemm", [value, w, bias])]);
    for (let i = 0; i < 20; i++) value = b.op("Tanh", [value]);
  }
  b.output(value, "float32", ["N", 1024]);
  return writeModel(b.model());
}

const folder = mkdtempSync(join(tmpdir(), "modelkeep-bench-"));
const path = join(folder, "large.onnx");
writeFileSync(path, largeModel());
const bytes = new Uint8Array(readFileSync(path));
const peer = `
import sys, time, onnx
times = []
for _ in range(${rounds}):
    data = open(sys.argv[1], "rb").read()
    start = time.perf_counter()
    onnx.ModelProto.FromString(data)
    times.append((time.perf_counter() - start) * 1000)
print(*times)
`;

const seen = { read: [], all: [], peer: [], memory: [] };
const timed = (run) => {
  const start = performance.now();
  run();
  return performance.now() - start;
};
for (let i = 0; i < rounds; i++) {
  const before = process.memoryUsage();
  let model;
  seen.read.push(timed(() => (model = readModel(bytes))));
  const after = process.memoryUsage();
  seen.memory.push((after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / 2 ** 20);
  seen.all.push(
    timed(() => {
      model = readModel(bytes);
      checkModel(model);
      costOf(model);
      contractOf(model);
    }),
  );
}
const venv = join(folder, "venv");
execFileSync("python3", ["-m", "venv", venv]);
execFileSync(join(venv, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", "onnx==1.23.2"]);
seen.peer = execFileSync(join(venv, "bin/python"), ["-c", peer, path], { encoding: "utf8" }).trim().split(" ").map(Number);
rmSync(folder, { recursive: true });

const row = (what, figures, unit) => {
  const { min, median, max } = spread(figures);
  return { what, min: `${round(min)} ${unit}`, median: `${round(median)} ${unit}`, max: `${round(max)} ${unit}` };
};
print(
  `a model of ${round(bytes.length / 2 ** 20)} MiB, ${rounds} rounds; target: read in 150 ms, no second copy of the weights`,
  [
    row("read", seen.read, "ms"),
    row("read, check, cost and contract", seen.all, "ms"),
    row("onnx for Python, read", seen.peer, "ms"),
    row("memory that reading takes", seen.memory, "MiB"),
  ],
);
