// REST throughput beside MLServer with the same ONNX model, the same ONNX Runtime, one thread each for a run, and the same client. MLServer in
// both of its forms: as it comes (a worker process for models) and with the model in the serving process (`parallel_workers: 0`), which is faster
// for a small model. MLServer 1.7 reads JSON only (a body in the protocol's binary form gets 422), so ours is measured with both.
import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startKeep } from "./lib/keep.mjs";
import { binaryRequest, jsonRequest, load, inferPath } from "./lib/load.mjs";
import { freePort, start, usage } from "./lib/processes.mjs";
import { pythonWith } from "./lib/python.mjs";
import { print, round, spread } from "./lib/table.mjs";

const pairs = Number(process.env.PAIRS ?? 5);
const seconds = Number(process.env.SECONDS ?? 4);
const warmUpSeconds = 4;
const model = fileURLToPath(new URL("../examples/models/digits.onnx", import.meta.url));

async function startMlserver(bin, parallelWorkers) {
  const dir = mkdtempSync(join(tmpdir(), "modelkeep-bench-mlserver-"));
  const [http, grpc, metrics] = await Promise.all([freePort(), freePort(), freePort()]);
  const settings = {
    host: "127.0.0.1",
    http_port: http,
    grpc_port: grpc,
    metrics_port: metrics,
    debug: false,
    parallel_workers: parallelWorkers,
  };
  cpSync(fileURLToPath(new URL("peers/mlserver/onnx_runtime.py", import.meta.url)), join(dir, "onnx_runtime.py"));
  writeFileSync(join(dir, "settings.json"), JSON.stringify(settings));
  const modelSettings = { name: "digits", implementation: "onnx_runtime.OnnxModel", parameters: { uri: model } };
  writeFileSync(join(dir, "model-settings.json"), JSON.stringify(modelSettings));
  const server = await start(join(bin, "mlserver"), ["start", dir], {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    ready: (line) => (line.includes("Loaded model 'digits'") ? true : undefined),
  });
  return { ...server, url: `http://127.0.0.1:${http}` };
}

/** The scores that a server gives for the image of the benchmark. */
async function scores(url, headers) {
  const data = Array.from({ length: 784 }, (_, i) => Number(((i % 255) / 255).toFixed(4)));
  const body = JSON.stringify({ inputs: [{ name: "input", shape: [1, 1, 28, 28], datatype: "FP32", data }] });
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(`${url}${inferPath}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    if (answer.ok) return (await answer.json()).outputs[0].data;
    if (attempt === 20) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function measure({ pid, url, request }, connections) {
  const before = usage(pid).cpuSeconds;
  const run = await load({ url, request, connections, seconds });
  const bad = Object.keys(run.statuses).filter((status) => status !== "200");
  if (bad.length > 0 || run.lost > 0) throw new Error(`${url}: ${JSON.stringify(run.statuses)}, ${run.lost} lost`);
  return { perSecond: run.perSecond, cpuUs: ((usage(pid).cpuSeconds - before) / run.answers) * 1e6 };
}

// A newer uvloop than MLServer 1.7.1 was made with ends its worker processes at their start.
const bin = pythonWith(["mlserver==1.7.1", "onnxruntime==1.30.0", "uvloop==0.21.0"]);
const keep = await startKeep();
const bearer = { authorization: `Bearer ${keep.key}` };
const [asItComes, inProcess] = [await startMlserver(bin, 1), await startMlserver(bin, 0)];
const sides = [
  { name: "MLServer 1.7.1, JSON", ...asItComes, request: jsonRequest() },
  { name: "MLServer 1.7.1, JSON, in process", ...inProcess, request: jsonRequest() },
  { name: "ours, JSON", ...keep, request: jsonRequest({ headers: bearer }) },
  { name: "ours, binary", ...keep, request: binaryRequest({ headers: bearer }) },
];

const ourScores = await scores(keep.url, bearer);
for (const { url } of [asItComes, inProcess]) {
  const theirs = await scores(url, {});
  if (theirs.some((score, i) => Math.abs(score - ourScores[i]) > 1e-3))
    throw new Error("the two servers do not give the same scores");
}

const rows = [];
for (const connections of [1, 16, 64]) {
  const seen = sides.map(() => []);
  for (const side of sides) await load({ ...side, connections, seconds: warmUpSeconds });
  for (let pair = 0; pair < pairs; pair++)
    for (const [i, side] of sides.entries()) seen[i].push(await measure(side, connections));
  for (const [i, { name }] of sides.entries()) {
    const over = (peer) => {
      const { min, median, max } = spread(seen[i].map((figure, pair) => figure.perSecond / seen[peer][pair].perSecond));
      return `${round(min)} ${round(median)} ${round(max)}`;
    };
    rows.push({
      connections,
      side: name,
      "req/s": round(spread(seen[i].map((figure) => figure.perSecond)).median),
      "CPU µs": round(spread(seen[i].map((figure) => figure.cpuUs)).median),
      "over MLServer (min median max)": i < 2 ? "" : over(0),
      "over MLServer in process": i < 2 ? "" : over(1),
    });
  }
}
await Promise.all([keep.stop(), asItComes.stop(), inProcess.stop()]);
print("REST throughput beside MLServer, digit classifier, one image a request (target: ≥ 3×)", rows);
