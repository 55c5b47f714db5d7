import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  byteLength,
  decodeMinifloat,
  elementBits,
  elementCode,
  elementCount,
  elementTypeOf,
  elementTypes,
  encodeMinifloat,
  isMinifloat,
  makeTensor,
  stringTensor,
  tensorOf,
  toBigInts,
  toFloat,
  toNumbers,
  typedArray,
} from "./index.ts";
import type { MiniFloat, Tensor } from "./index.ts";

const bad = (run: () => unknown) => expect(run).toThrow(expect.objectContaining({ code: "onnx/bad-tensor" }));

describe("a tensor's size", () => {
  it("is never wrong by overflow", () => {
    bad(() => elementCount([2 ** 30, 2 ** 30]));
    bad(() => elementCount([2 ** 53]));
    bad(() => elementCount([-1]));
    bad(() => elementCount([1.5]));
    bad(() => byteLength("float64", 2 ** 52));
    expect(elementCount([2 ** 40, 2 ** 40, 0])).toBe(0);
    expect(elementCount([])).toBe(1);
  });

  it("packs elements narrower than a byte", () => {
    expect(byteLength("int4", 3)).toBe(2);
    expect(byteLength("uint2", 5)).toBe(2);
    expect(byteLength("float6e2m3", 3)).toBe(3);
  });

  it("must be what its data has", () => {
    bad(() => makeTensor("float32", [2], new Uint8Array(7)));
    bad(() => stringTensor([2], ["one"]));
    bad(() => tensorOf("int64", [3], [1, 2]));
  });

  it("knows each element type by its ONNX number", () => {
    expect(elementTypes).toHaveLength(28);
    for (const type of elementTypes) expect(elementTypeOf(elementCode(type))).toBe(type);
  });
});

describe("values", () => {
  const small: Tensor["type"][] = ["int2", "uint2", "int4", "uint4", "int8", "uint8", "int16", "uint16", "int32", "uint32"];
  it.for(small)("of %s come back as they went in", (type) => {
    const bits = elementBits(type);
    const low = type.startsWith("u") ? 0 : -(2 ** (bits - 1));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: low, max: low + 2 ** bits - 1 })), (values) => {
        expect(toNumbers(tensorOf(type, [values.length], values))).toEqual(values);
      }),
    );
  });

  it("of int64 are exact as bigints and do not wrap when they are too large", () => {
    const tensor = tensorOf("int64", [3], [2n ** 63n - 1n, -(2n ** 63n), 2 ** 63]);
    expect(toBigInts(tensor)).toEqual([2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n - 1n]);
  });

  it("are views into the file where alignment allows and copies where not", () => {
    const buffer = new Uint8Array(12);
    new DataView(buffer.buffer).setFloat32(4, 1.5, true);
    const aligned = makeTensor("float32", [1], buffer.subarray(4, 8));
    expect(toFloat(aligned).buffer).toBe(buffer.buffer);
    const shifted = makeTensor("float32", [1], Uint8Array.from([0, ...buffer.subarray(4, 8)]).subarray(1));
    expect(typedArray(shifted, "float32")[0]).toBe(1.5);
  });

  it("that lie outside the file say so", () => {
    const tensor: Tensor = {
      type: "float32",
      dims: [1],
      data: new Uint8Array(0),
      external: { location: "w.bin", offset: 0, length: 4 },
    };
    expect(() => toFloat(tensor)).toThrow(expect.objectContaining({ code: "onnx/external-data" }));
  });
});

describe("small floats", () => {
  const types = elementTypes.filter(isMinifloat) as MiniFloat[];
  it.for(types)("%s: every code survives decoding and encoding", (type) => {
    const codes = Array.from({ length: 2 ** elementBits(type) }, (_, code) => code);
    const lost = codes.filter((code) => {
      const value = decodeMinifloat(type, code);
      return !Number.isNaN(value) && encodeMinifloat(type, value) !== code;
    });
    expect(lost).toEqual([]);
  });

  // Values from onnx/docs/technical/float8.md and the OCP Microscaling specification v1.0.
  it.for([
    ["float16", 0x7bff, 65504],
    ["float16", 0x0001, 2 ** -24],
    ["bfloat16", 0x3f80, 1],
    ["float8e4m3fn", 0x7e, 448],
    ["float8e4m3fnuz", 0x7f, 240],
    ["float8e5m2", 0x7b, 57344],
    ["float8e5m2fnuz", 0x7f, 57344],
    ["float8e8m0", 0x00, 2 ** -127],
    ["float8e8m0", 0xfe, 2 ** 127],
    ["float4e2m1", 0x7, 6],
    ["float6e2m3", 0x1f, 7.5],
    ["float6e3m2", 0x1f, 28],
  ] as [MiniFloat, number, number][])("%s: code %i is %d", ([type, code, value]) => {
    expect(decodeMinifloat(type, code)).toBe(value);
  });

  it("round to nearest, ties to even, and overflow as ONNX says", () => {
    expect(encodeMinifloat("float16", 2049)).toBe(encodeMinifloat("float16", 2048));
    expect(encodeMinifloat("float16", 2051)).toBe(encodeMinifloat("float16", 2052));
    expect(encodeMinifloat("float16", 1e6)).toBe(0x7c00);
    expect(encodeMinifloat("float8e4m3fn", 1e6)).toBe(0x7e);
    expect(encodeMinifloat("float16", Number.NaN)).toBe(0x7e00);
    expect(encodeMinifloat("bfloat16", Number.NaN)).toBe(0x7fc0);
  });

  it("are packed and unpacked in tensors", () => {
    for (const type of types) {
      const values = [1, 2, 0.5, 4, 1];
      expect(toNumbers(tensorOf(type, [5], values)), type).toEqual(values);
    }
  });
});
