import { describe, expect, it } from "vitest";
import { nativeSha256 } from "../../../base/crypto/index.node.ts";
import { digestOfData, limit, namedSets, rowsByClass } from "../index.node.ts";
import { packageFolder } from "./package-folder.node.ts";

const mnist = namedSets.find(({ name }) => name === "mnist")!;
// Examples of each digit in the official parts.
const counts = {
  train: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
  test: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
};

describe("mnist", () => {
  it.for(["train", "test"] as const)(
    "has the official %s part, as float32 in [0, 1] of 1 × 28 × 28 with the digit as int64",
    async (part) => {
      const data = await mnist.open(part);
      expect(data.size).toBe(part === "train" ? 60_000 : 10_000);
      expect(data.target).toBe("y");
      const classes = rowsByClass(data);
      expect(Array.from("0123456789", (digit) => classes.get(digit)!.length)).toEqual(counts[part]);
      const { tensors } = data.take(Uint32Array.from({ length: 10 }, (_, i) => i));
      expect(tensors["x"]).toMatchObject({ type: "float32", dims: [10, 1, 28, 28] });
      expect(tensors["y"]).toMatchObject({ type: "int64", dims: [10] });
      const labels = [...new BigInt64Array(tensors["y"]!.data.buffer as ArrayBuffer)].join("");
      expect(labels).toBe(part === "train" ? "5041921314" : "7210414959");
    },
  );

  it("has the mean and deviation that everyone normalises it by", async () => {
    let [sum, squares, pixels] = [0, 0, 0];
    for await (const { tensors } of (await mnist.open("train")).batches({ size: 1000 })) {
      const x = new Float32Array(tensors["x"]!.data.buffer as ArrayBuffer);
      for (const value of x) {
        sum += value;
        squares += value * value;
      }
      pixels += x.length;
    }
    const mean = sum / pixels;
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(Math.sqrt(squares / pixels - mean ** 2)).toBeCloseTo(0.3081, 4);
  });

  it("has a digest", async () => {
    expect(await digestOfData(limit(await mnist.open("test"), 100), { hash: nativeSha256 })).toMatchInlineSnapshot(
      `"sha256:b0b7f821f5fa84b4a710ab7d5f2f04cb1175a8dc2943c4cf763ad525253b30c5"`,
    );
  });
});

describe("a data set whose package is not installed", () => {
  it("says how to install it", () => {
    expect(() => packageFolder("letters", "modelkeep-no-such-letters@1.0.0")).toThrow(
      expect.objectContaining({ code: "data/missing-package", hint: "npm install modelkeep-no-such-letters@1.0.0" }),
    );
  });
});
