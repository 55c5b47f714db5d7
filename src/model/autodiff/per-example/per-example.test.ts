import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readNpy } from "../../../../test/helpers/npy.ts";
import { compareWithTruth, expectNear, openStep } from "../../../../test/contracts/per-example/truth.ts";
import type { Step } from "../../../../test/contracts/per-example/truth.ts";
import { readModel, tensorOf } from "../../onnx/index.ts";
import type { Model, Tensor } from "../../onnx/index.ts";
import { perExample } from "../index.ts";

const folder = (name: string): URL => new URL(`../../../../test/fixtures/${name}/`, import.meta.url);
const names = ["gradients", "attention"].flatMap((of) =>
  readdirSync(folder(of))
    .filter((name) => !name.includes("."))
    .map((name) => `${of}/${name}`),
);
const modelAt = (name: string) => readModel(new Uint8Array(readFileSync(new URL("model.onnx", folder(name)))));

const dataAt = (name: string) => ({
  x: { x: readNpy(new URL("x.npy", folder(name))) },
  y: readNpy(new URL("y.npy", folder(name))),
});

describe("gradients for each example", () => {
  it.for(names.filter((name) => !name.endsWith("-fixed")))("of %s equal those of one example at a time", async (name) => {
    await compareWithTruth(modelAt(name), dataAt(name), { loss: "cross-entropy" });
  });

  it.for(names.filter((name) => /sequence-.*-fixed/.test(name)))(
    "of %s, written for a batch of 4, are those of any batch",
    async (name) => {
      const { x, y } = dataAt(name);
      const run = async (model: Model, rows: number) => {
        const made = perExample(model, { loss: "cross-entropy" });
        const step = await openStep(made);
        const ones = Array.from({ length: rows }, () => 1);
        const first = (tensor: Tensor): Tensor => ({
          ...tensor,
          dims: [rows, ...tensor.dims.slice(1)],
          data: tensor.data.slice(0, (tensor.data.length / 4) * rows),
        });
        const got = await step.run({
          x: first(x.x),
          [made.labels!.name]: first(y),
          [made.clip]: tensorOf("float32", [], [0.5]),
          [made.weights]: tensorOf("float32", [rows], ones),
        });
        await step.close();
        return got;
      };
      // Exporters name the tensors that they have turned by counting: the same numbers stand under other names.
      const all = ({ sums }: Step): number[] => [...sums.values()].flat().sort((a, b) => a - b);
      for (const rows of [4, 3]) {
        const [fixed, free] = [await run(modelAt(name), rows), await run(modelAt(name.replace("-fixed", "")), rows)];
        expectNear(fixed.losses, free.losses, "losses");
        expectNear(fixed.squaredNorms, free.squaredNorms, "squared norms");
        expectNear(all(fixed), all(free), "clipped sums");
      }
    },
  );

  it.for(names.filter((name) => /vit-.*-fixed/.test(name)))("of %s are refused: its class token is stored four times", (name) => {
    expect(() => perExample(modelAt(name), { loss: "cross-entropy" })).toThrow(
      expect.objectContaining({
        code: "autodiff/mixes-examples",
        hint: expect.stringContaining("free batch dimension") as string,
      }),
    );
  });
});
