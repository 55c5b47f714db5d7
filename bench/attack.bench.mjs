// Attacks beside Foolbox, ART and torchattacks on the bundled digit classifier: the same examples and settings, one thread, both in turn. Seconds
// are of the processor, our worker's and our own thread's together. Verdicts are compared before any figure is printed.
import { spawn, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { attacks, openTarget, runAttack } from "../dist/lab/attack/index.node.js";
import { namedSets } from "../dist/model/data/index.node.js";
import { toFloat, toNumbers } from "../dist/model/onnx/index.js";
import { print, round, spread } from "./lib/table.mjs";

const pairs = Number(process.env.PAIRS ?? 5);
const wanted = new Set((process.env.PARTS ?? "pgd,distance,carlini-wagner,autoattack").split(","));
const model = new URL("../examples/models/digits.onnx", import.meta.url).pathname;
const hardened = new URL("../examples/digits-hardened/digits-hardened.onnx", import.meta.url).pathname;
const bounds = { low: 0, high: 1 };

/** PyTorch is the one that the `gradient` bench installed; the libraries come on top of it. */
function python() {
  const interpreter = join(tmpdir(), "modelkeep-bench-torch-2.15.0/bin/python");
  if (!existsSync(interpreter)) throw new Error("run `npm run bench -- gradient` first: it installs PyTorch");
  const libraries = ["foolbox==3.3.4", "adversarial-robustness-toolbox==1.20.1", "torchattacks==3.5.1", "onnx==1.23.2"];
  const reference = ["--no-deps", "pyautoattack==0.2.0"];
  for (const packages of [libraries, reference])
    execFileSync(interpreter, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]);
  return interpreter;
}

function startPeer() {
  const folder = mkdtempSync(join(tmpdir(), "modelkeep-attack-bench-"));
  const script = new URL("./peers/torch_attacks.py", import.meta.url).pathname;
  const child = spawn(python(), [script, model, hardened], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("the Python process ended");
    return JSON.parse(value);
  };
  return {
    ask,
    async load({ x, labels }, net = 0) {
      const files = { x: join(folder, "x"), y: join(folder, "y") };
      writeFileSync(files.x, new Uint8Array(x.buffer));
      writeFileSync(files.y, new Uint8Array(labels.buffer));
      await ask({ do: "load", net, ...files });
    },
    close() {
      child.stdin.end();
      rmSync(folder, { recursive: true });
    },
  };
}

async function digits(count) {
  const { tensors } = (await namedSets[0].open("test")).take(Uint32Array.from({ length: count }, (_, i) => i));
  return { x: toFloat(tensors.x).slice(), labels: Int32Array.from(toNumbers(tensors.y)) };
}

async function ours(id, data, { norm, epsilons, params = {}, of = target, onProgress }) {
  const began = process.cpuUsage();
  const result = await runAttack(attacks.get(id), {
    target: of,
    ...data,
    threat: { norm, epsilons, bounds },
    params,
    onProgress,
  });
  const { user, system } = process.cpuUsage(began);
  return { result, cpu: (user + system) / 1e6 };
}

const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const ratio = (figures) => {
  const { min, median: middle, max } = spread(figures);
  return [min, middle, max].map((figure) => round(figure)).join(" ");
};

const target = await openTarget(readFileSync(model));
const peer = startPeer();

if (wanted.has("pgd")) {
  const data = await digits(64);
  await peer.load(data);
  const rows = [];
  // A radius at which nearly every digit stands: nobody gains by stopping early.
  const [eps, steps] = [0.03, 40];
  const params = { steps, stepSize: eps / 10, randomStart: false };
  for (const lib of ["foolbox", "art", "torchattacks"]) {
    const seen = { ratio: [], ours: [], theirs: [] };
    for (let pair = -1; pair < pairs; pair++) {
      const mine = await ours("pgd", data, { norm: "linf", epsilons: [eps], params });
      const theirs = await peer.ask({ do: "pgd", eps, steps, lib });
      const { robust } = mine.result.perEpsilon[0];
      if (Math.abs(robust - theirs.robust) > 0.02) throw new Error(`${lib}: robust ${theirs.robust}, ours ${robust}`);
      if (pair < 0) continue;
      seen.ratio.push(theirs.cpu / mine.cpu);
      seen.ours.push(64 / mine.cpu);
      seen.theirs.push(64 / theirs.cpu);
    }
    rows.push({
      peer: lib,
      "ours, img/s": round(median(seen.ours)),
      "theirs, img/s": round(median(seen.theirs)),
      "ratio (min median max)": ratio(seen.ratio),
    });
  }
  print(`PGD-40 linf, ε ${eps}, 64 digits, ${pairs} pairs`, rows);
}

async function distances(names, count) {
  const data = await digits(count);
  await peer.load(data);
  const rows = [];
  for (const name of names) {
    const [id, norm] =
      name === "carlini-wagner" ? [name, "l2"] : [name.slice(0, name.lastIndexOf("-")), name.slice(name.lastIndexOf("-") + 1)];
    const theirs = await peer.ask({ do: "minimal", name });
    const mine = await ours(id, data, { norm, epsilons: [1000] });
    const found = [...mine.result.distance].filter((_, i) => mine.result.clean[i] === 1);
    rows.push({
      attack: name,
      "median, ours": round(median(found)),
      "median, Foolbox": round(median(theirs.distance.map((far) => far ?? Infinity))),
      "unbroken, ours": found.filter((far) => far === Infinity).length,
      "unbroken, Foolbox": theirs.distance.filter((far) => far === null).length,
      "CPU s, ours": round(mine.cpu),
      "CPU s, Foolbox": round(theirs.cpu),
      "time over theirs": round(mine.cpu / theirs.cpu),
    });
  }
  print(`nearest wrong answers, ${count} digits`, rows);
}

if (wanted.has("distance"))
  await distances(["deepfool-l2", "deepfool-linf", "ddn-l2", "fmn-l2", "fmn-linf", "fmn-l1", "fmn-l0"], 100);
if (wanted.has("carlini-wagner")) await distances(["carlini-wagner"], Number(process.env.CW_DIGITS ?? 100));

if (wanted.has("autoattack")) {
  const count = Number(process.env.AA_DIGITS ?? 200);
  const data = await digits(count);
  await peer.load(data, 1);
  const of = await openTarget(readFileSync(hardened));
  const eps = 0.3;
  const theirs = await peer.ask({ do: "autoattack", eps });
  // The processor is asked where a part ends alone: asking costs as much as a step.
  const parts = [];
  const onProgress = ({ part, standing }) => {
    if (parts.at(-1)?.part !== part) parts.push({ part, from: seconds() });
    parts.at(-1).standing = standing;
  };
  const began = seconds();
  const mine = await ours("autoattack", data, { norm: "linf", epsilons: [eps], of, onProgress });
  const ended = seconds();
  const [pass] = mine.result.perEpsilon;
  const missed = theirs.standing.filter((stands, i) => stands === 0 && pass.success[i] === 0 && mine.result.clean[i] === 1);
  print(`AutoAttack standard, hardened digits, ε ${eps}, ${count} digits`, [
    ...parts
      .map(({ part, standing }, i) => ({
        part,
        standing,
        cpu: (parts[i + 1]?.from ?? ended) - (i === 0 ? began : parts[i].from),
      }))
      .map(({ part, standing, cpu }) => ({
        part,
        "CPU s, reference": round(theirs.parts[part]),
        "CPU s, ours": round(cpu),
        "reference over ours": round(theirs.parts[part] / cpu),
        "standing, reference": theirs.after[part],
        "standing, ours": standing,
      })),
    {
      part: "all",
      "CPU s, reference": round(theirs.cpu),
      "CPU s, ours": round(mine.cpu),
      "reference over ours": round(theirs.cpu / mine.cpu),
      "standing, reference": theirs.standing.reduce((sum, one) => sum + one, 0),
      "standing, ours": Math.round(pass.robust * count),
    },
  ]);
  console.log(`broken by the reference and not by us: ${missed.length}`);
  await of.close();
}
peer.close();
await target.close();
