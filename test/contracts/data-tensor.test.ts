import { describe, expect, expectTypeOf, it } from "vitest";
import type { DataTensor, DataType } from "../../src/model/data/index.ts";
import { readNpy, writeNpy } from "../../src/model/data/index.ts";
import type { ElementType, Tensor } from "../../src/model/onnx/index.ts";
import { elementTypes, makeTensor } from "../../src/model/onnx/index.ts";

describe("a tensor from a data file", () => {
  it("is a tensor of a model, without a conversion", () => {
    expectTypeOf<DataTensor>().toExtend<Tensor>();
    expectTypeOf<DataType>().toExtend<ElementType>();
  });

  it("is what a model's tensor becomes and came from", () => {
    const tensor: Tensor = makeTensor("float32", [2, 1], new Uint8Array(Float32Array.of(1, 2).buffer));
    const back: Tensor = readNpy(writeNpy(tensor));
    expect(back).toEqual(tensor);
  });

  it("is written for each of a model's element types, or refused because numpy lacks it", () => {
    const lacking = elementTypes.filter((type) => {
      try {
        writeNpy({ type, dims: [0], data: new Uint8Array(0), strings: [] });
        return false;
      } catch {
        return true;
      }
    });
    expect(lacking.every((type) => /bfloat16|float[468]e|u?int[24]$/.test(type))).toBe(true);
    expect(elementTypes.length - lacking.length).toBe(15);
  });
});
