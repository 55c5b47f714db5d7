// What the gate costs at start: a model of 200 MB of weights, served with and without `requireSignature`, in turn. Start to ready, processor time and memory of the service.
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signPath } from "../dist/app/api/sign/index.js";
import { GraphBuilder, tensorOf, writeModel } from "../dist/model/onnx/index.js";
import { start, usage } from "./lib/processes.mjs";
import { print, round, spread } from "./lib/table.mjs";

const megabytes = Number(process.env.MEGABYTES ?? 200);
const rounds = Number(process.env.PAIRS ?? 3);
const folder = mkdtempSync(join(tmpdir(), "modelkeep-bench-gate-"));
const at = (...names) => join(folder, ...names);

/** One matrix, with values that are no constant. */
function model() {
  const width = 1024;
  const columns = Math.round((megabytes * 2 ** 20) / 4 / width);
  const weights = Float32Array.from({ length: width * columns }, (_, i) => ((i * 2654435761) % 1000) / 1000);
  const b = new GraphBuilder();
  b.initializer("w", tensorOf("float32", [width, columns], weights));
  b.output(b.op("MatMul", [b.input("x", "float32", ["N", width]), "w"]), "float32", ["N", columns]);
  return writeModel(b.model());
}

async function once(name) {
  const began = performance.now();
  const words = ["serve", "--port", "0", "--json", "--config", at(`${name}.yaml`), "--state", at(`state-${name}`)];
  const keep = await start(process.execPath, [join(import.meta.dirname, "../bin/modelkeep.js"), ...words], {
    env: { ...process.env, MODELKEEP_LOG__LEVEL: "error" },
    ready: (line) => (line.includes('"ready"') ? true : undefined),
  });
  const tookMs = performance.now() - began;
  const { cpuSeconds, residentMb } = usage(keep.pid);
  await keep.stop();
  return { tookMs, cpuSeconds, residentMb };
}

try {
  mkdirSync(at("models"));
  writeFileSync(at("models", "large.onnx"), model());
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(at("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(at("key.pub"), publicKey.export({ type: "spki", format: "pem" }));
  await signPath({ path: at("models", "large.onnx"), key: at("key.pem") });
  writeFileSync(at("trust.yaml"), "version: 1\nsigners:\n  - { name: bench, key: key.pub }\n");
  const signed = { requireSignature: true, trustPolicy: "trust.yaml" };
  for (const [name, more] of [
    ["scan alone", {}],
    ["scan and signature", signed],
  ])
    writeFileSync(at(`${name}.yaml`), JSON.stringify({ models: { serve: ["models/large.onnx"], ...more } }));
  const runs = { "scan alone": [], "scan and signature": [] };
  for (let i = 0; i < rounds; i++) for (const name of Object.keys(runs)) runs[name].push(await once(name));
  const middle = (figures) => round(spread(figures).median);
  print(
    `start to ready with one model of ${megabytes} MB, ${rounds} rounds in turn`,
    Object.entries(runs).map(([gate, all]) => ({
      gate,
      "ready ms": middle(all.map(({ tookMs }) => tookMs)),
      "cpu s": middle(all.map(({ cpuSeconds }) => cpuSeconds)),
      "resident MB": middle(all.map(({ residentMb }) => residentMb)),
    })),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
