import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { readNpy } from "../../../../test/helpers/npy.ts";
import { compareWithTruth } from "../../../../test/contracts/per-example/truth.ts";
import { readModel } from "../../onnx/index.ts";

const fixtures = new URL("../../../../test/fixtures/gradients/", import.meta.url);
const names = readdirSync(fixtures).filter((name) => !name.includes("."));

describe("gradients for each example", () => {
  it.for(names)("of %s equal those of one example at a time", async (name) => {
    const model = readModel(new Uint8Array(readFileSync(new URL(`${name}/model.onnx`, fixtures))));
    const x = readNpy(new URL(`${name}/x.npy`, fixtures));
    await compareWithTruth(model, { x: { x }, y: readNpy(new URL(`${name}/y.npy`, fixtures)) }, { loss: "cross-entropy" });
  });
});
