/** Gradients of the ONNX project's own models: its operator tests and the nine skeletons of known architectures. Needs Python 3 and the network. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isModelkeepError } from "../../src/base/error/index.ts";
import { gradient } from "../../src/model/autodiff/index.ts";
import { readModel, tensorOf, toNumbers } from "../../src/model/onnx/index.ts";
import type { Model } from "../../src/model/onnx/index.ts";
import { load } from "../helpers/ort.ts";
import { pythonWith } from "../helpers/python.ts";

let folder = "";
let light = "";

beforeAll(() => {
  const python = pythonWith(["onnx==1.23.2"]);
  folder = mkdtempSync(join(tmpdir(), "modelkeep-gradients-"));
  execFileSync(python, ["-W", "ignore", join(import.meta.dirname, "onnx_cases.py"), folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const where = "import onnx, os; print(os.path.join(os.path.dirname(onnx.__file__), 'backend/test/data/light'))";
  light = execFileSync(python, ["-c", where], { encoding: "utf8" }).trim();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (path: string): Model => readModel(new Uint8Array(readFileSync(path)));

/** Differentiates by every float input and initializer; the reason where that is refused. */
function attempt(model: Model): { readonly model: Model } | { readonly refused: string } {
  try {
    return gradient(model, { loss: "sum", wrt: "all" });
  } catch (error) {
    if (isModelkeepError(error)) return { refused: error.code };
    throw error;
  }
}

describe("gradients of the ONNX project's models", () => {
  it("are graphs that ONNX Runtime takes, or are refused with a code", async () => {
    const wrong: string[] = [];
    const codes = new Map<string, number>();
    let taken = 0;
    for (const { file, name } of (
      JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as { cases: { file: string; name: string }[] }
    ).cases) {
      let model = read(join(folder, file));
      // ONNX Runtime 1.30 refuses newer ones before it looks at a node.
      if ((model.opsets.get("") ?? 0) > 25) model = { ...model, opsets: new Map(model.opsets).set("", 25) };
      model = { ...model, irVersion: Math.min(model.irVersion, 11) };
      const original = await load(model).catch(() => undefined);
      if (original === undefined) continue;
      await original.close();
      const result = attempt(model);
      if ("refused" in result) {
        codes.set(result.refused, (codes.get(result.refused) ?? 0) + 1);
        continue;
      }
      const session = await load(result.model).catch(
        (error: unknown) => void wrong.push(`${name}: ${String(error).slice(0, 200)}`),
      );
      if (session === undefined) continue;
      taken++;
      await session.close();
    }
    console.log(`${taken} gradient graphs taken; refused: ${[...codes].map(([code, count]) => `${code} ${count}`).join(", ")}`);
    expect(wrong).toEqual([]);
    expect(taken).toBeGreaterThan(1000);
  });

  it("reach the input of all nine architectures", async () => {
    const files = readdirSync(light).filter((name) => name.endsWith(".onnx"));
    expect(files).toHaveLength(9);
    for (const file of files) {
      const model = read(join(light, file));
      const { model: differentiated, gradients, labels } = gradient(model, { loss: "cross-entropy" });
      const [[input, output]] = [...gradients] as [[string, string]];
      const type = model.graph.inputs.find(({ name }) => name === input)!.type;
      const dims = type?.kind === "tensor" ? (type.dims as number[]) : [];
      const pixels = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i));
      const session = await load(differentiated);
      const feeds = {
        [input]: tensorOf("float32", dims, pixels),
        [labels!.name]: tensorOf("int64", labels!.dims as number[], [3]),
      };
      const found = (await session.run(feeds))[output]!;
      await session.close();
      expect(found.dims, file).toEqual(dims);
      expect(
        toNumbers(found).some((value) => value !== 0),
        file,
      ).toBe(true);
    }
  });
});
