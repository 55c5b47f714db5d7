// Gradients as ONNX graphs in ONNX Runtime beside the model's own forward pass, and beside PyTorch's autograd: batch 64, one thread on each
// side, both in turn. A ratio above PyTorch's counts images a second; both sides must first agree on the gradients they compute.
import { readFileSync } from "node:fs";
import { gradient } from "../dist/model/autodiff/index.js";
import { readModel, toNumbers, writeModel } from "../dist/model/onnx/index.js";
import { openSession } from "../dist/model/runtime/index.node.js";
import { lenet, numbers, randomTensor, resnet } from "./lib/nets.mjs";
import { print, round, spread } from "./lib/table.mjs";
import { startTorch } from "./lib/torch.mjs";

const pairs = Number(process.env.PAIRS ?? 9);
const millisecondsEach = Number(process.env.MILLISECONDS ?? 300);
const batch = 64;

const file = (path) => readModel(new Uint8Array(readFileSync(new URL(path, import.meta.url))));
const nets = [
  { name: "mnist_cnn_small", net: "digits", model: file("../examples/models/digits.onnx") },
  { name: "LeNet", net: "lenet", model: lenet() },
  { name: "ResNet-8", net: "resnet", model: resnet(1) },
  { name: "ViT", net: "vit", model: file("../test/fixtures/gradients/vit-script/model.onnx") },
];

const labels = Array.from({ length: batch }, (_, i) => i % 10);
const labelTensor = { type: "int64", dims: [batch], data: new Uint8Array(BigInt64Array.from(labels, BigInt).buffer) };
const middle = (figures) => spread(figures).median;

/** Weights and biases that PyTorch calls parameters; constants that an exporter left have no such names. */
const parametersOf = ({ graph }) =>
  [...graph.initializers].filter(([name]) => /\.(weight|bias)$|^(cls|pos)$/.test(name) && !name.startsWith("grad/"));

/** Opens one of our three sides of a network: run it, and the gradients it gave. */
async function openOurs(model, wrt) {
  const [input] = model.graph.inputs;
  const x = randomTensor(numbers(7), [batch, ...input.type.dims.slice(1)]);
  if (wrt === "forward") {
    const session = await openSession(writeModel(model));
    return { x, close: () => session.close(), run: () => session.run({ [input.name]: x }) };
  }
  const wanted = wrt === "input" ? [input.name] : parametersOf(model).map(([name]) => name);
  const made = gradient(model, { loss: "cross-entropy", wrt: wanted });
  const session = await openSession(writeModel(made.model));
  const run = () => session.run({ [input.name]: x, [made.labels.name]: labelTensor });
  const norms = async () => {
    const outputs = await run();
    return wanted.map((name) =>
      Math.sqrt(toNumbers(outputs[made.gradients.get(name)]).reduce((sum, value) => sum + value * value, 0)),
    );
  };
  return { x, close: () => session.close(), run, norms };
}

/** Wall and processor milliseconds of runs one after another. */
async function timed(run, times) {
  const [wall, cpu] = [[], []];
  for (let i = 0; i < times; i++) {
    const [started, spent] = [performance.now(), process.cpuUsage()];
    await run();
    wall.push(performance.now() - started);
    const { user, system } = process.cpuUsage(spent);
    cpu.push((user + system) / 1000);
  }
  return { wall: middle(wall), cpu: middle(cpu) };
}

function assertSame(what, ours, theirs) {
  for (const [i, norm] of theirs.entries())
    if (Math.abs(ours[i] - norm) > 1e-5 + 1e-3 * norm) throw new Error(`${what}: gradient ${i} differs, ${ours[i]} and ${norm}`);
}

const ratioText = (figures) => {
  const { min, median, max } = spread(figures);
  return [min, median, max].map((figure) => round(figure)).join(" ");
};

async function measureNet(torch, { name, net, model }, rows) {
  const wrts = ["forward", "input", "parameters"];
  const ours = Object.fromEntries(await Promise.all(wrts.map(async (wrt) => [wrt, await openOurs(model, wrt)])));
  await torch.load({ name, net, parameters: parametersOf(model), x: ours.forward.x, labels });
  for (const wrt of wrts.slice(1)) assertSame(`${name}, ${wrt}`, await ours[wrt].norms(), await torch.norms(name, wrt));
  const seen = { ours: { forward: [], input: [], parameters: [] }, theirs: { forward: [], input: [], parameters: [] } };
  for (let pair = -1; pair < pairs; pair++)
    for (const wrt of wrts) {
      const once = (await timed(ours[wrt].run, 1)).wall;
      const times = pair < 0 ? 3 : Math.max(3, Math.min(50, Math.ceil(millisecondsEach / once)));
      const [mine, peer] = [await timed(ours[wrt].run, times), await torch.run(name, wrt, times)];
      if (pair < 0) continue;
      seen.ours[wrt].push(mine);
      seen.theirs[wrt].push({ wall: middle(peer.wall), cpu: middle(peer.cpu) });
    }
  for (const side of Object.values(ours)) await side.close();
  const perSecond = (figures) => round((batch * 1000) / middle(figures.map(({ wall }) => wall)));
  const over = (above, below, clock) => above.map((figure, i) => figure[clock] / below[i][clock]);
  const row = (what, target, [above, below], columns) => {
    rows.push({
      network: name,
      what,
      target,
      ...columns,
      "ratio (min median max)": ratioText(over(above, below, "wall")),
      "of CPU time": ratioText(over(above, below, "cpu")),
    });
  };
  row("input gradient over forward", "≤ 2.2", [seen.ours.input, seen.ours.forward], {
    "ours, img/s": perSecond(seen.ours.input),
    "beside, img/s": perSecond(seen.ours.forward),
  });
  for (const [wrt, what, target] of [
    ["forward", "forward over PyTorch", ""],
    ["input", "input gradient over PyTorch", "≥ 2"],
    ["parameters", "parameter gradient over PyTorch", "≥ 1.3"],
  ])
    row(what, target, [seen.theirs[wrt], seen.ours[wrt]], {
      "ours, img/s": perSecond(seen.ours[wrt]),
      "beside, img/s": perSecond(seen.theirs[wrt]),
    });
}

/** From the bytes of a file to a session that can run its gradient. */
async function measureReady() {
  const bytes = writeModel(resnet(3, { norm: true }));
  const figures = [];
  for (let i = 0; i < pairs; i++) {
    const started = performance.now();
    const made = gradient(readModel(bytes), { loss: "cross-entropy", wrt: "all" });
    const session = await openSession(writeModel(made.model));
    figures.push(performance.now() - started);
    await session.close();
  }
  return ratioText(figures);
}

const torch = await startTorch();
const rows = [];
for (const net of nets) await measureNet(torch, net, rows);
torch.close();
print(`gradients, batch ${batch}, one thread, ${pairs} pairs, PyTorch ${torch.version}`, rows);
print("ResNet-20 with batch normalisation, gradients of all inputs and parameters: read, built and session ready", [
  { target: "≤ 1500 ms", "ms (min median max)": await measureReady() },
]);
