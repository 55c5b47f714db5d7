// PyTorch beside us: a Python process that computes the same gradients of the same networks.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const version = "2.15.0";

/**
 * A Python with PyTorch, installed on first use and kept under the system's folder for temporary files. It comes from pip's configured index;
 * the wheel on PyPI brings libraries for GPUs along (5 GB, unused here), `PIP_INDEX_URL=https://download.pytorch.org/whl/cpu` does not.
 */
function python() {
  const home = join(tmpdir(), `modelkeep-bench-torch-${version}`);
  const interpreter = join(home, "bin/python");
  if (existsSync(join(home, "complete"))) return interpreter;
  rmSync(home, { recursive: true, force: true });
  console.log(`installing PyTorch ${version} in ${home}`);
  execFileSync("python3", ["-m", "venv", home]);
  execFileSync(interpreter, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `torch==${version}`]);
  writeFileSync(join(home, "complete.new"), "");
  renameSync(join(home, "complete.new"), join(home, "complete"));
  return interpreter;
}

/** Starts the peer. Tensors go to it as files in a folder that `close` removes. */
export async function startTorch() {
  const folder = mkdtempSync(join(tmpdir(), "modelkeep-bench-"));
  const child = spawn(python(), [new URL("../peers/torch_gradient.py", import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("PyTorch's process ended");
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
    version: (await answer()).version,
    load: ({ name, net, parameters, x, labels }) =>
      ask({
        do: "load",
        name,
        net,
        parameters: parameters.map(([parameter, tensor]) => [parameter, tensor.dims, written(tensor)]),
        x: [x.dims, written(x)],
        labels,
      }),
    run: (name, wrt, times) => ask({ do: "run", name, wrt, times }),
    norms: async (name, wrt) => (await ask({ do: "norms", name, wrt })).norms,
    close() {
      child.stdin.end();
      rmSync(folder, { recursive: true });
    },
  };
}
