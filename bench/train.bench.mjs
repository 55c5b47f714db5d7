// A training step of ours (all of it: batches gathered, worker, forward, loss, backward, AdamW) beside PyTorch's, one thread on each side, in turn, by
// processor time; both must first lose as much on the same batch, three steps long. Then MNIST from scratch: accuracy, time, and what data took of it.
import { readFileSync } from "node:fs";
import { createDataset, openData, tensorColumn } from "../dist/model/data/index.node.js";
import { readModel } from "../dist/model/onnx/index.js";
import { evaluate, newModel, train, trainToEnd } from "../dist/model/train/index.node.js";
import { numbers, randomTensor } from "./lib/nets.mjs";
import { print, round, spread } from "./lib/table.mjs";
import { startPeer } from "./lib/torch.mjs";

const pairs = Number(process.env.PAIRS ?? 9);
const batch = 64;
const lr = 1e-3;
const only = process.env.ONLY?.split(",") ?? ["steps", "mnist"];

const nets = [
  {
    name: "mnist_cnn_small",
    net: "digits",
    steps: 40,
    model: () => readModel(new Uint8Array(readFileSync(new URL("../examples/models/digits.onnx", import.meta.url)))),
  },
  { name: "cnn of `model new`", net: "cnn", steps: 20, model: () => newModel("cnn", { input: [1, 28, 28], classes: 10 }) },
  {
    name: "ResNet-8 with batch norm",
    net: "resnet8",
    steps: 4,
    model: () => newModel("resnet8", { input: [3, 32, 32], classes: 10 }),
  },
];

/** Random examples. */
function examples(model, size) {
  const [input] = model.graph.inputs;
  const x = randomTensor(numbers(7), [size, ...input.type.dims.slice(1)]);
  const labels = Array.from({ length: size }, (_, i) => i % 10);
  const y = { type: "int64", dims: [size], data: new Uint8Array(BigInt64Array.from(labels, BigInt).buffer) };
  return { x, labels, data: createDataset("random", [tensorColumn("x", x), tensorColumn("y", y)], "y") };
}

/** Our side: steps in a row, their losses, and milliseconds of the processor for all of them, threads included. */
function ours(model, data) {
  const course = train({ model, data, epochs: 1e6, batch, lr, weightDecay: 0.01 });
  return {
    async run(times) {
      const losses = [];
      const spent = process.cpuUsage();
      while (losses.length < times) {
        const { value } = await course.next();
        if (value.kind === "step") losses.push(value.loss);
      }
      const { user, system } = process.cpuUsage(spent);
      return { cpu: (user + system) / 1000, losses };
    },
    close: () => course.return(undefined),
  };
}

async function open(peer, { net, model: make }, size) {
  const model = make();
  const { x, labels, data } = examples(model, size);
  await peer.load({
    net,
    batch,
    lr,
    parameters: [...model.graph.initializers].filter(([, { type }]) => type === "float32"),
    x,
    labels,
  });
  const own = ours(model, data);
  return { own, close: own.close };
}

async function assertSame(peer, net) {
  const { own, close } = await open(peer, net, batch);
  const [mine, theirs] = [await own.run(3), await peer.ask({ do: "run", times: 3 })];
  await close();
  for (const [i, loss] of theirs.losses.entries())
    if (Math.abs(mine.losses[i] - loss) > 1e-3 * (1 + loss))
      throw new Error(`${net.name}: losses ${mine.losses} and ${theirs.losses}`);
}

async function measureSteps(peer, net, rows) {
  await assertSame(peer, net);
  const { own, close } = await open(peer, net, 32 * batch);
  const seen = { mine: [], theirs: [] };
  for (let pair = -1; pair < pairs; pair++) {
    const [mine, theirs] = [await own.run(net.steps), await peer.ask({ do: "run", times: net.steps })];
    if (pair < 0) continue;
    seen.mine.push(mine.cpu / net.steps);
    seen.theirs.push(theirs.cpu / net.steps);
  }
  await close();
  const ratio = spread(seen.theirs.map((figure, i) => figure / seen.mine[i]));
  rows.push({
    network: net.name,
    target: "≥ 1.3",
    "PyTorch's step over ours (min median max)": [ratio.min, ratio.median, ratio.max].map((figure) => round(figure)).join(" "),
    "ours, ms (min median)": [spread(seen.mine).min, spread(seen.mine).median].map((figure) => round(figure)).join(" "),
    "PyTorch, ms (min median)": [spread(seen.theirs).min, spread(seen.theirs).median].map((figure) => round(figure)).join(" "),
  });
}

/** The recipe that the guide names. */
async function measureMnist() {
  const [data, test] = [await openData("mnist"), await openData("mnist", { part: "test" })];
  const model = newModel("cnn", { input: [1, 28, 28], classes: 10, seed: 1 });
  const [started, spent] = [performance.now(), process.cpuUsage()];
  const course = train({ model, data, epochs: 4, batch: 64, lr: 3e-3, schedule: "one-cycle", seed: 1, threads: 2 });
  const { model: trained, time } = await trainToEnd(course, () => {});
  const { user, system } = process.cpuUsage(spent);
  const wall = (performance.now() - started) / 1000;
  const { figures } = await evaluate({ model: trained, data: test });
  print("MNIST from scratch, cnn of `model new`, 4 epochs of one cycle, 2 threads", [
    { what: "accuracy on the official test split", target: "≥ 0.99", figure: figures.accuracy },
    { what: "time, s", target: "≤ 240", figure: round(wall) },
    { what: "processor time, s", target: "", figure: round((user + system) / 1e6) },
    { what: "gathering batches, share of the time", target: "≤ 0.05", figure: round(time.dataMs / time.totalMs) },
  ]);
}

if (only.includes("steps")) {
  const peer = await startPeer("torch_train.py");
  const rows = [];
  for (const net of nets) await measureSteps(peer, net, rows);
  peer.close();
  print(`training step, batch ${batch}, AdamW, one thread, CPU time, ${pairs} pairs, PyTorch ${peer.versions.version}`, rows);
}
if (only.includes("mnist")) await measureMnist();
