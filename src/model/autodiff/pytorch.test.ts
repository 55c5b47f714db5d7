/** Gradients of exported models agree with PyTorch's: loss, input, and every parameter whose name the exporter kept. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { load } from "../../../test/helpers/ort.ts";
import { readNpy } from "../../../test/helpers/npy.ts";
import { readModel, toNumbers } from "../onnx/index.ts";
import type { Tensor } from "../onnx/index.ts";
import { gradient } from "./index.ts";

const own = new URL("../../../test/fixtures/gradients/", import.meta.url);
// The full reference values, beside a checkout of the project's workshop; a fresh clone has the samples only.
const full = new URL("../../../../shared/fixtures/gradients/", import.meta.url);

const folders = (root: URL): string[] => (existsSync(root) ? readdirSync(root).filter((name) => !name.endsWith(".md")) : []);

/** Exporters fold batch normalisation into convolutions and keep the weight's name: by it, another tensor is meant. */
const refolded: Readonly<Record<string, readonly string[]>> = { "mobile-dynamo": ["stem.weight", "dw.weight", "pw.weight"] };

/** rel 1e-3, abs 1e-5 */
const near = (got: number, want: number): boolean => Math.abs(got - want) <= 1e-5 + 1e-3 * Math.abs(want);

async function run(root: URL, name: string, wanted: readonly string[]) {
  const model = readModel(new Uint8Array(readFileSync(new URL(`${name}/model.onnx`, root))));
  const wrt = wanted.filter((tensor) => tensor === "x" || model.graph.initializers.has(tensor));
  const result = gradient(model, { loss: "cross-entropy", wrt });
  const session = await load(result.model);
  const outputs = await session.run({
    x: readNpy(new URL(`${name}/x.npy`, root)),
    [result.labels!.name]: readNpy(new URL(`${name}/y.npy`, root)),
  });
  await session.close();
  const loss = toNumbers(outputs[result.lossOutput]!)[0]!;
  return { wrt, loss, gradientOf: (tensor: string): Tensor => outputs[result.gradients.get(tensor)!]! };
}

describe("gradients of PyTorch's exports", () => {
  it.for(folders(own))("%s: agree in every sampled element, in norm and in sum", async (name) => {
    const expected = JSON.parse(readFileSync(new URL(`${name}/expected.json`, own), "utf8")) as {
      loss: number;
      gradients: Record<string, { dims: number[]; every: number; values: number[]; norm: number; sum: number }>;
    };
    const { wrt, loss, gradientOf } = await run(own, name, Object.keys(expected.gradients));
    expect(wrt.length).toBeGreaterThan(3);
    expect(near(loss, expected.loss)).toBe(true);
    for (const tensor of wrt.filter((item) => !refolded[name]?.includes(item))) {
      const { dims, every, values, norm } = expected.gradients[tensor]!;
      const got = toNumbers(gradientOf(tensor));
      expect(gradientOf(tensor).dims, tensor).toEqual(dims);
      expect(
        values.filter((want, i) => !near(got[i * every]!, want)),
        tensor,
      ).toEqual([]);
      expect(near(Math.hypot(...got), norm), `norm of ${tensor}`).toBe(true);
    }
  });

  it.for(folders(full))("%s: agree in every element", async (name) => {
    const tensors = readdirSync(new URL(name, full))
      .filter((file) => file.startsWith("grad_"))
      .map((file) => file.slice(5, -4));
    const { wrt, loss, gradientOf } = await run(full, name, tensors);
    const { loss: expected } = JSON.parse(readFileSync(new URL(`${name}/case.json`, full), "utf8")) as { loss: number };
    expect(near(loss, expected)).toBe(true);
    for (const tensor of wrt.filter((item) => !refolded[name]?.includes(item))) {
      const want = toNumbers(readNpy(new URL(`${name}/grad_${tensor}.npy`, full)));
      const got = toNumbers(gradientOf(tensor));
      expect(
        want.flatMap((value, i) => (near(got[i]!, value) ? [] : [i])),
        tensor,
      ).toEqual([]);
    }
  });

  it("by a weight that an exporter scaled are the original ones, scaled back per channel", async () => {
    const name = "mobile-dynamo";
    const expected = JSON.parse(readFileSync(new URL(`${name}/expected.json`, own), "utf8")) as {
      gradients: Record<string, { dims: number[]; every: number; values: number[] }>;
    };
    const { gradientOf } = await run(own, name, refolded[name]!);
    for (const tensor of refolded[name]!) {
      const { dims, every, values } = expected.gradients[tensor]!;
      const got = toNumbers(gradientOf(tensor));
      const perChannel = dims.slice(1).reduce((a, b) => a * b, 1);
      const ratios = new Map<number, number[]>();
      for (const [i, want] of values.entries()) {
        if (Math.abs(want) < 1e-3) continue;
        const channel = Math.floor((i * every) / perChannel);
        ratios.set(channel, [...(ratios.get(channel) ?? []), want / got[i * every]!]);
      }
      for (const list of ratios.values()) {
        expect(Math.max(...list) - Math.min(...list)).toBeLessThan(2e-3 * Math.abs(list[0]!));
      }
    }
  });
});
