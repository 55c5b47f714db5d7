// PyTorch beside us: a Python process that computes the same gradients of the same networks.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const version = "2.15.0";

/**
 * A Python with PyTorch and more packages, installed on first use and kept under the system's folder for temporary files. It comes from pip's
 * configured index; the wheel on PyPI brings libraries for GPUs along (5 GB, unused here), `PIP_INDEX_URL=https://download.pytorch.org/whl/cpu`
 * does not.
 */
function python(more = []) {
  const home = join(tmpdir(), `modelkeep-bench-torch-${version}`);
  const interpreter = join(home, "bin/python");
  const install = (...packages) => {
    console.log(`installing ${packages.join(" ")} in ${home}`);
    execFileSync(interpreter, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages]);
  };
  if (!existsSync(join(home, "complete"))) {
    rmSync(home, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", home]);
    install(`torch==${version}`);
    writeFileSync(join(home, "complete.new"), "");
    renameSync(join(home, "complete.new"), join(home, "complete"));
  }
  if (more.length > 0 && !isInstalled(interpreter, more)) install(`torch==${version}`, ...more);
  return interpreter;
}

function isInstalled(interpreter, packages) {
  const found = execFileSync(interpreter, ["-m", "pip", "freeze", "--disable-pip-version-check"], { encoding: "utf8" }).split(
    "\n",
  );
  return packages.every((name) => found.includes(name));
}

/** Starts a script of `peers/`. Tensors go to it as files in a folder that `close` removes. */
export async function startPeer(script, packages) {
  const folder = mkdtempSync(join(tmpdir(), "modelkeep-bench-"));
  const child = spawn(python(packages), [new URL(`../peers/${script}`, import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the Python process ended");
    return JSON.parse(value);
  };
  const ask = (question) => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    return answer();
  };
  let files = 0;
  const written = (tensor) => {
    const path = join(folder, String(files++));
    writeFileSync(path, tensor.data);
    return path;
  };
  return {
    versions: await answer(),
    ask,
    /** Hands over a network's parameters and a batch, with whatever else the script wants to know. */
    load: ({ parameters, x, ...others }) =>
      ask({
        ...others,
        do: "load",
        parameters: parameters.map(([parameter, tensor]) => [parameter, tensor.dims, written(tensor)]),
        x: [x.dims, written(x)],
      }),
    close() {
      child.stdin.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** PyTorch's side of the gradients' bench. */
export async function startTorch() {
  const { versions, ask, load, close } = await startPeer("torch_gradient.py");
  return {
    version: versions.version,
    load,
    run: (name, wrt, times) => ask({ do: "run", name, wrt, times }),
    norms: async (name, wrt) => (await ask({ do: "norms", name, wrt })).norms,
    close,
  };
}
