import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tensorOf, type ElementType, type Tensor, type TensorSpec } from "../../../model/onnx/index.ts";
import type { InferRequest } from "../protocol/decode.ts";
import { refusalOf } from "../../../../test/helpers/requests.ts";
import { checkAgainstContract } from "./check-contract.ts";
import type { GuardedContract } from "./guarded-contract.ts";

const image: TensorSpec = { name: "image", type: "float32", dims: ["batch", 1, 2, 2] };
const score: TensorSpec = { name: "score", type: "float32", dims: ["batch", 10] };
const digits: GuardedContract = { inputs: [image], outputs: [score], batch: "dynamic", maxBatch: 8 };

function request(tensors: Record<string, Tensor>, outputs: InferRequest["outputs"] = [], binaryOutputs = false): InferRequest {
  const inputs = Object.entries(tensors).map(([name, tensor]) => ({ name, tensor, parameters: new Map() }));
  return { id: undefined, parameters: new Map(), inputs, outputs, binaryOutputs };
}

function tensor(type: ElementType, dims: readonly number[], fill = 0): Tensor {
  const count = dims.reduce((product, dim) => product * dim, 1);
  return tensorOf(
    type,
    dims,
    Array.from({ length: count }, () => fill),
  );
}

const check = (tensors: Record<string, Tensor>, contract: GuardedContract = digits) =>
  checkAgainstContract(request(tensors), contract);
const refusal = (tensors: Record<string, Tensor>, contract: GuardedContract = digits) =>
  refusalOf(() => check(tensors, contract));

describe("names", () => {
  it("must be the model's, and a typo is answered with the name that was meant", () => {
    expect(refusal({ imgae: tensor("float32", [1, 1, 2, 2]) })).toMatchObject({
      code: "gateway/missing-input",
      status: 400,
      message: "the request has no input `image`",
      hint: "rename `imgae`, which the model does not take",
    });
    expect(refusal({}).hint).toBe("send it as FP32 [batch,1,2,2]");
    expect(refusal({ image: tensor("float32", [1, 1, 2, 2]), mask: tensor("bool", [1]) })).toMatchObject({
      code: "gateway/unknown-input",
      status: 400,
      message: "the model has no input `mask`",
    });
  });

  it("of outputs must be the model's too", () => {
    const tensors = { image: tensor("float32", [1, 1, 2, 2]) };
    const ask = (name: string, binary?: boolean) =>
      checkAgainstContract(request(tensors, [{ name, binary, parameters: new Map() }], true), digits);
    expect(ask("score").outputs).toEqual([{ name: "score", binary: true }]);
    expect(ask("score", false).outputs).toEqual([{ name: "score", binary: false }]);
    expect(refusalOf(() => ask("scroe"))).toMatchObject({
      code: "gateway/unknown-output",
      status: 400,
      hint: "did you mean `score`",
    });
    expect(refusalOf(() => ask("x".repeat(60_000))).hint).toBe("leave it out, or send one of `score`");
  });

  it("of objects' own machinery are names like any other", () => {
    const spec: TensorSpec = { name: "__proto__", type: "uint8", dims: ["batch"] };
    const contract: GuardedContract = { ...digits, inputs: [spec] };
    const tensors = Object.fromEntries([["__proto__", tensor("uint8", [2])]]);
    const { inputs, rows } = check(tensors, contract);
    expect([Object.keys(inputs), rows]).toEqual([["__proto__"], 2]);
    expect(refusal({ constructor: tensor("float32", [1, 1, 2, 2]) }).code).toBe("gateway/missing-input");
  });
});

describe("datatypes", () => {
  it("must be the model's exactly, with the way to convert in the hint", () => {
    expect(refusal({ image: tensor("float64", [1, 1, 2, 2]) })).toMatchObject({
      code: "gateway/wrong-datatype",
      status: 400,
      message: "input `image` has datatype FP64, the model takes FP32",
      hint: 'send it as FP32, with numpy `x.astype("float32")`',
    });
    expect(
      refusal({ image: { type: "string", dims: [1, 1, 2, 2], data: new Uint8Array(0), strings: ["a", "b", "c", "d"] } }).hint,
    ).toBe("send it as FP32");
  });
});

describe("shapes", () => {
  it("must be the model's, free dimensions apart", () => {
    expect(check({ image: tensor("float32", [3, 1, 2, 2]) }).rows).toBe(3);
    expect(refusal({ image: tensor("float32", [3, 1, 2, 3]) })).toMatchObject({
      code: "gateway/wrong-shape",
      status: 400,
      message: "input `image` has shape [3,1,2,3], the model takes [batch,1,2,2]",
      hint: "dimension 3 must be 2",
    });
  });

  it("that lack the batch get the shape to send", () => {
    expect(refusal({ image: tensor("float32", [1, 2, 2]) }).hint).toBe("put the rows in front: send one example as [1,1,2,2]");
    expect(refusal({ image: tensor("float32", [4]) }).hint).toBe("send 4 dimensions");
  });

  it("may not be empty unless the operator says so, and never in the batch", () => {
    const cache: TensorSpec = { name: "cache", type: "float32", dims: ["batch", "past", 2] };
    const contract: GuardedContract = { ...digits, inputs: [cache] };
    expect(refusal({ cache: tensor("float32", [1, 0, 2]) }, contract)).toMatchObject({
      code: "gateway/wrong-shape",
      hint: "dimension 1 must not be 0",
    });
    expect(check({ cache: tensor("float32", [1, 0, 2]) }, { ...contract, allowEmpty: true }).rows).toBe(1);
    expect(refusal({ cache: tensor("float32", [0, 1, 2]) }, { ...contract, allowEmpty: true }).hint).toBe(
      "dimension 0 must not be 0",
    );
    const fixed: TensorSpec = { name: "cache", type: "float32", dims: ["batch", 0] };
    expect(check({ cache: tensor("float32", [1, 0]) }, { ...digits, inputs: [fixed] }).rows).toBe(1);
  });

  it("give one size to one name throughout a request", () => {
    const ids: TensorSpec = { name: "ids", type: "int64", dims: ["batch", "seq"] };
    const mask: TensorSpec = { name: "mask", type: "int64", dims: ["batch", "seq"] };
    const free: TensorSpec = { name: "free", type: "int64", dims: [null, null] };
    const contract: GuardedContract = { ...digits, inputs: [ids, mask, free], batch: "none" };
    const send = (a: number[], b: number[], c: number[]) => ({
      ids: tensor("int64", a),
      mask: tensor("int64", b),
      free: tensor("int64", c),
    });
    expect(check(send([2, 5], [2, 5], [7, 8]), contract).rows).toBe(7);
    expect(refusal(send([2, 5], [2, 6], [7, 8]), contract)).toMatchObject({
      code: "gateway/wrong-shape",
      hint: "`seq` is 5 in input `ids` and must be the same everywhere",
    });
    expect(refusal(send([2, 5], [3, 5], [7, 8]), contract).hint).toContain("`batch` is 2");
  });

  it("stay within the bounds that the operator set for a name", () => {
    const ids: TensorSpec = { name: "ids", type: "int64", dims: ["batch", "seq"] };
    const contract: GuardedContract = { ...digits, inputs: [ids], dimRanges: new Map([["seq", { min: 2, max: 4 }]]) };
    for (const [size, ok] of [
      [1, false],
      [2, true],
      [4, true],
      [5, false],
    ] as const) {
      const tensors = { ids: tensor("int64", [1, size]) };
      if (ok) expect(check(tensors, contract).rows).toBe(1);
      else expect(refusal(tensors, contract)).toMatchObject({ code: "gateway/wrong-shape", hint: "`seq` may be 2 to 4" });
    }
  });

  it("hold no more rows than the model takes at once", () => {
    expect(check({ image: tensor("float32", [8, 1, 2, 2]) }).rows).toBe(8);
    expect(refusal({ image: tensor("float32", [9, 1, 2, 2]) })).toMatchObject({
      code: "gateway/too-many-rows",
      status: 400,
      message: "the request has 9 rows, the model takes at most 8 at once",
    });
  });

  it("count as rows what is charged: the fixed batch of a model that has one, a free first dimension of a model without", () => {
    const spec: TensorSpec = { name: "image", type: "float32", dims: [16, 2] };
    const tensors = { image: tensor("float32", [16, 2]) };
    expect(check(tensors, { ...digits, inputs: [spec], batch: "fixed" }).rows).toBe(16);
    expect(check(tensors, { ...digits, inputs: [spec], batch: "none" }).rows).toBe(1);
    const sequence: TensorSpec = { name: "image", type: "float32", dims: ["seq", 2] };
    expect(check(tensors, { ...digits, inputs: [sequence], batch: "none", maxBatch: 1 }).rows).toBe(16);
    expect(check({}, { ...digits, inputs: [] }).rows).toBe(1);
  });
});

describe("elements", () => {
  it.for(["float32", "float64", "float16", "bfloat16"] as const)(
    "of %s may be NaN or infinite only if the contract says so",
    (type) => {
      const spec: TensorSpec = { name: "x", type, dims: ["batch", 3] };
      for (const [value, text] of [
        [NaN, "NaN"],
        [Infinity, "Infinity"],
        [-Infinity, "-Infinity"],
      ] as const) {
        const tensors = { x: tensorOf(type, [1, 3], [0, 1, value]) };
        expect(refusal(tensors, { ...digits, inputs: [spec] })).toMatchObject({
          code: "gateway/not-finite",
          status: 400,
          message: `element 2 of input \`x\` is ${text}`,
        });
        expect(check(tensors, { ...digits, inputs: [{ ...spec, allowNonFinite: true }] }).rows).toBe(1);
      }
    },
  );

  it("lie within the range of the contract, both ends included, for every numeric type", () => {
    const types = [
      "uint8",
      "uint16",
      "uint32",
      "uint64",
      "int8",
      "int16",
      "int32",
      "int64",
      "float16",
      "bfloat16",
      "float32",
      "float64",
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 20 }),
        fc.nat({ max: 100 }),
        fc.nat({ max: 100 }),
        (type, values, a, b) => {
          const [min, max] = [Math.min(a, b), Math.max(a, b)];
          const contract: GuardedContract = { ...digits, inputs: [{ name: "x", type, dims: ["n"], min, max }], batch: "none" };
          const tensors = { x: tensorOf(type, [values.length], values) };
          const bad = values.findIndex((value) => value < min || value > max);
          if (bad === -1) expect(check(tensors, contract).rows).toBe(values.length);
          else
            expect(refusal(tensors, contract)).toMatchObject({
              code: "gateway/out-of-range",
              message: expect.stringContaining(`element ${bad} of input \`x\` is \`${values[bad]}\``),
            });
        },
      ),
    );
  });

  it("of 64 bits are compared exactly, beyond what a double can tell apart", () => {
    const spec: TensorSpec = { name: "x", type: "int64", dims: [1], max: 2 ** 53, allowed: [2 ** 53 - 1] };
    const contract: GuardedContract = { ...digits, inputs: [spec], batch: "none" };
    expect(refusal({ x: tensorOf("int64", [1], [2n ** 53n + 1n]) }, contract).code).toBe("gateway/out-of-range");
    expect(refusal({ x: tensorOf("int64", [1], [2n ** 53n]) }, contract).code).toBe("gateway/out-of-range");
    expect(check({ x: tensorOf("int64", [1], [2n ** 53n - 1n]) }, contract).rows).toBe(1);
  });

  it("are one of the allowed values, be they numbers or strings", () => {
    const colour: TensorSpec = { name: "colour", type: "string", dims: ["batch"], allowed: ["red", "green"] };
    const contract: GuardedContract = { ...digits, inputs: [colour] };
    const send = (...strings: string[]): Record<string, Tensor> => ({
      colour: { type: "string", dims: [strings.length], data: new Uint8Array(0), strings },
    });
    expect(check(send("red", "green", "red"), contract).rows).toBe(3);
    expect(refusal(send("red", "blue\u001b[2J"), contract)).toMatchObject({
      code: "gateway/out-of-range",
      message: "element 1 of input `colour` is `blue\\u001b[2J`, which the model's contract does not allow",
      hint: "send one of `red`, `green`",
    });
    const flag: TensorSpec = { name: "x", type: "bool", dims: ["batch"], allowed: [1] };
    expect(refusal({ x: tensorOf("bool", [2], [1, 0]) }, { ...digits, inputs: [flag] }).hint).toBe("send one of 1");
  });
});
