import { describe, expect, it } from "vitest";
import { tensorOf, type ModelContract } from "../../../model/onnx/index.ts";
import { refusalOf } from "../../../../test/helpers/requests.ts";
import { checkAgainstContract } from "./check-contract.ts";
import { contractConfig, tightenContract } from "./contract-config.ts";

const declared: ModelContract = {
  inputs: [
    { name: "image", type: "float32", dims: ["batch", 1, null, null], min: 0, max: 255 },
    { name: "ids", type: "int64", dims: ["batch", "seq"] },
    { name: "city", type: "string", dims: ["batch"] },
  ],
  outputs: [{ name: "score", type: "float32", dims: ["batch", 10] }],
  batch: "dynamic",
  maxBatch: 256,
};
const tighten = (config: object, contract = declared) => tightenContract(contract, contractConfig.parse(config));
const refusal = (config: object, contract = declared) => refusalOf(() => tighten(config, contract));

describe("a configured contract", () => {
  it("leaves what the graph declares as it is where it says nothing", () => {
    const { inputs, outputs, batch, maxBatch } = tighten({});
    expect({ inputs, outputs, batch, maxBatch }).toEqual(declared);
  });

  it("may narrow ranges, list values, fix free dimensions and let NaN through", () => {
    const { inputs } = tighten({
      inputs: {
        image: { max: 1, shape: [null, 1, 28, 28], allowNonFinite: true },
        ids: { min: 0, allowed: [1, 2] },
        city: { allowed: ["Oslo"] },
      },
    });
    expect(inputs).toEqual([
      { name: "image", type: "float32", dims: ["batch", 1, 28, 28], min: 0, max: 1, allowNonFinite: true },
      { name: "ids", type: "int64", dims: ["batch", "seq"], min: 0, allowed: [1, 2] },
      { name: "city", type: "string", dims: ["batch"], allowed: ["Oslo"] },
    ]);
  });

  it("holds a size given to a named dimension wherever the name stands", () => {
    const { inputs, dimRanges } = tighten({ inputs: { ids: { shape: [1, 128] } }, dims: { seq: { max: 512 } } });
    expect(inputs[1]!.dims).toEqual(["batch", "seq"]);
    expect([...dimRanges!]).toEqual([
      ["seq", { min: 128, max: 128 }],
      ["batch", { min: 1, max: 1 }],
    ]);
  });

  it("takes bounds at the precision of the input, so that 0.1 means the float32 nearest to it", () => {
    const contract: ModelContract = { ...declared, inputs: [{ name: "x", type: "float32", dims: ["batch"] }] };
    const guarded = tighten({ inputs: { x: { max: 0.1, allowed: [0.1, 0] } } }, contract);
    const tensor = tensorOf("float32", [2], [0.1, 0]);
    const request = {
      id: undefined,
      parameters: new Map(),
      inputs: [{ name: "x", tensor, parameters: new Map() }],
      outputs: [],
      binaryOutputs: false,
    };
    expect(checkAgainstContract(request, guarded).rows).toBe(2);
  });

  it.for([
    [{ inputs: { imgae: {} } }, "the model has no input `imgae`", "did you mean `image`"],
    [{ dims: { sqe: { max: 5 } } }, "the model has no free dimension `sqe`", "did you mean `seq`"],
    [
      { inputs: { image: { max: 256 } } },
      "the max of input `image` is set to 256, the model declares 255",
      "a contract can only be made tighter",
    ],
    [
      { inputs: { image: { min: -1 } } },
      "the min of input `image` is set to -1, the model declares 0",
      "a contract can only be made tighter",
    ],
    [{ inputs: { ids: { min: 5, max: 4 } } }, "input `ids` may be 5 to 4, which no value is", "set `min` below `max`"],
    [{ inputs: { city: { max: 4 } } }, "input `city` is BYTES, which has no range", "use `allowed`"],
    [{ inputs: { city: { allowed: [4] } } }, "`4` is allowed for input `city`, which is BYTES", "list strings"],
    [{ inputs: { ids: { allowed: ["4"] } } }, "`4` is allowed for input `ids`, which is INT64", "list numbers"],
    [
      { inputs: { image: { shape: [null, 3, 28, 28] } } },
      "the shape of input `image` is set to [?,3,28,28], the model takes [batch,1,?,?]",
      "only free ones",
    ],
    [
      { inputs: { image: { shape: [null, 1] } } },
      "the shape of input `image` is set to [?,1], the model takes [batch,1,?,?]",
      "each dimension",
    ],
    [{ dims: { seq: { min: 5, max: 4 } } }, "dimension `seq` may be 5 to 4, which no size is", "loosen"],
    [
      { inputs: { ids: { shape: [null, 9] } }, dims: { seq: { max: 4 } } },
      "dimension `seq` may be 9 to 4, which no size is",
      "loosen",
    ],
  ] as const)("is refused when it is %j", ([config, message, hint]) => {
    const found = refusal(config);
    expect(found).toMatchObject({ code: "gateway/bad-contract", exit: 4, message });
    expect(found.hint).toContain(hint);
  });

  it("may list fewer values than the model declares, never others", () => {
    const contract: ModelContract = { ...declared, inputs: [{ name: "x", type: "uint8", dims: ["batch"], allowed: [1, 2, 3] }] };
    expect(tighten({ inputs: { x: { allowed: [1, 3] } } }, contract).inputs[0]!.allowed).toEqual([1, 3]);
    expect(refusal({ inputs: { x: { allowed: [1, 4] } } }, contract).message).toContain("not by the model");
  });

  it("is refused for a model with a tensor that no client could send or read", () => {
    const complex: ModelContract = { ...declared, outputs: [{ name: "spectrum", type: "complex64", dims: ["batch"] }] };
    expect(refusal({}, complex)).toMatchObject({ code: "gateway/bad-contract", exit: 4 });
  });

  it("does not know fields by other names", () => {
    expect(contractConfig.safeParse({ inputs: { image: { maximum: 1 } } }).success).toBe(false);
    expect(contractConfig.safeParse({ input: {} }).success).toBe(false);
  });
});
