import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemRandom } from "../../../base/port/index.ts";
import { stringTensor, tensorOf, type Tensor } from "../../../model/onnx/index.ts";
import { commitTensors, createSalts } from "./commitment.ts";

const salt = new Uint8Array(32).fill(5);
const x = tensorOf("float32", [1, 2], [1, 2]);

describe("commitments to tensors", () => {
  it("are HMAC-SHA-256 over the canonical form that the file describes, so that anybody can open one", () => {
    const canonical = Buffer.concat([
      Buffer.from("modelkeep/inputs/v1\n"),
      Buffer.from(
        "010000007807000000666c6f61743332020000000100000000000000020000000000000008000000000000000000803f00000040",
        "hex",
      ),
    ]);
    const expected = `hmac-sha256:${createHmac("sha256", salt).update(canonical).digest("hex")}`;
    expect(commitTensors(salt, "inputs", { x })).toBe(expected);
  });

  it("do not depend on the order in which tensors were sent", () => {
    const y = tensorOf("int64", [1], [3]);
    expect(commitTensors(salt, "inputs", { x, y })).toBe(commitTensors(salt, "inputs", { y, x }));
  });

  it("differ when anything differs: side, salt, name, type, shape, a string's border, an element", () => {
    const tensors: Record<string, Tensor>[] = [
      { x },
      { z: x },
      { x: { ...x, type: "int32" } },
      { x: { ...x, dims: [2, 1] } },
      { x: { ...x, dims: [2] } },
      { x: tensorOf("float32", [1, 2], [1, 3]) },
      { x, z: x },
      { x: stringTensor([2], ["ab", "c"]) },
      { x: stringTensor([2], ["a", "bc"]) },
      {},
    ];
    const all = tensors.flatMap((one) => [commitTensors(salt, "inputs", one), commitTensors(salt, "outputs", one)]);
    expect(new Set([...all, commitTensors(new Uint8Array(32), "inputs", { x })]).size).toBe(2 * tensors.length + 1);
  });

  it("have salts that come again from the key and the request id, and without a key never", () => {
    const key = new Uint8Array(32).fill(9);
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const again = createSalts(systemRandom, key);
        expect(Buffer.compare(createSalts(systemRandom, key)(a), again(a))).toBe(0);
        expect(Buffer.compare(again(a), again(b)) === 0).toBe(a === b);
      }),
    );
    const fresh = createSalts(systemRandom, undefined);
    expect(Buffer.compare(fresh("a"), fresh("a"))).not.toBe(0);
  });
});
