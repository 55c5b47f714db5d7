import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteLength, type Tensor } from "../../../model/onnx/index.ts";
import { datatypeOf, wireTypeOf, type WireType } from "./datatypes.ts";
import { decodeInfer } from "./decode.ts";
import { encodeInfer, packStrings, type EncodedResponse } from "./encode.ts";
import { defaultProtocolLimits } from "./limits.ts";
import { bytes, refusalOf } from "../../../../test/helpers/requests.ts";

const types: readonly WireType[] = [
  "bool",
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
  "string",
];

const anyTensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...types), fc.array(fc.nat({ max: 3 }), { maxLength: 3 }))
  .chain(([type, dims]): fc.Arbitrary<Tensor> => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (type === "string") {
      const text = fc.array(fc.string({ unit: "binary" }), { minLength: count, maxLength: count });
      return text.map((strings) => ({
        type,
        dims,
        data: new Uint8Array(0),
        strings: strings.map((s) => s.replaceAll(/\p{Surrogate}/gu, "?")),
      }));
    }
    const length = byteLength(type, count);
    const byte = type === "bool" ? fc.nat({ max: 1 }) : fc.nat({ max: 255 });
    return fc.array(byte, { minLength: length, maxLength: length }).map((data) => ({ type, dims, data: Uint8Array.from(data) }));
  });

const head = (response: EncodedResponse) =>
  JSON.parse(
    response.body.subarray(0, Number(response.headers["inference-header-content-length"] ?? response.body.length)).toString(),
  );

function encode(outputs: readonly { tensor: Tensor; binary: boolean }[]): EncodedResponse {
  const named = outputs.map((output, index) => ({ ...output, name: `y${index}` }));
  return encodeInfer({ modelName: "m", modelVersion: "3", id: "7", outputs: named }, defaultProtocolLimits);
}

/** An answer has the form of a request: what it says of its outputs, said of inputs, reads back. */
function readBack(response: EncodedResponse): readonly Tensor[] {
  const jsonBytes = Number(response.headers["inference-header-content-length"] ?? response.body.length);
  const text = response.body.subarray(0, jsonBytes).toString().replace('"outputs":[', '"inputs":[');
  const body = Buffer.concat([Buffer.from(text), response.body.subarray(jsonBytes)]);
  const plan = { bodyBytes: body.length, jsonBytes: jsonBytes - 1 };
  return decodeInfer(body, plan, { ...defaultProtocolLimits, maxRank: 64 }).inputs.map(({ tensor }) => tensor);
}

const isFloat = (type: string): boolean => type.includes("float");

describe("answers", () => {
  it("read back as the tensors they were, whatever mix of JSON and binary form", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ tensor: anyTensor, binary: fc.boolean() }), { maxLength: 4 }), (outputs) => {
        const response = encode(outputs);
        const back = readBack(response);
        outputs.forEach(({ tensor, binary }, index) => {
          const found = back[index]!;
          expect([found.type, found.dims, found.strings]).toEqual([tensor.type, tensor.dims, tensor.strings]);
          const lossy = !binary && isFloat(tensor.type) && "parameters" in head(response).outputs[index];
          if (!lossy) expect(Buffer.from(found.data)).toEqual(Buffer.from(tensor.data));
        });
        expect(response.headers["content-length"]).toBe(String(response.body.length));
      }),
      { numRuns: 500 },
    );
  });

  it("are JSON when no output is in binary form", () => {
    const tensor: Tensor = { type: "int64", dims: [2], data: bytes(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)) };
    const { headers, body } = encode([{ tensor, binary: false }]);
    expect(headers).toEqual({ "content-type": "application/json", "content-length": String(body.length) });
    expect(body.toString()).toBe(
      '{"model_name":"m","model_version":"3","id":"7","outputs":[{"name":"y0","datatype":"INT64","shape":[2],"data":[-9223372036854775808,9223372036854775807]}]}',
    );
  });

  it("put binary sections after the JSON part in the order of the outputs", () => {
    const byte = (value: number): Tensor => ({ type: "uint8", dims: [1], data: Uint8Array.of(value) });
    const response = encode([
      { tensor: byte(1), binary: true },
      { tensor: byte(2), binary: false },
      { tensor: byte(3), binary: true },
    ]);
    const jsonBytes = Number(response.headers["inference-header-content-length"]);
    expect(response.headers["content-type"]).toBe("application/octet-stream");
    expect([...response.body.subarray(jsonBytes)]).toEqual([1, 3]);
    expect(
      head(response).outputs.map((output: { parameters?: object; data?: object }) => [output.parameters, output.data]),
    ).toEqual([
      [{ binary_data_size: 1 }, undefined],
      [undefined, [2]],
      [{ binary_data_size: 1 }, undefined],
    ]);
  });

  it("write floats so that a reader sees floats, and -0 with its sign", () => {
    const tensor: Tensor = { type: "float32", dims: [5], data: bytes(Float32Array.of(1, -0, 0.1, 1e30, 1e-30)) };
    const text = encode([{ tensor, binary: false }]).body.toString();
    expect(text).toContain('"data":[1.0,-0.0,0.1,1.0000000150474662e+30,1.0000000031710769e-30]');
  });

  it("write NaN and infinities as null in JSON and say how many; in binary form they stay", () => {
    const tensor: Tensor = { type: "float64", dims: [4], data: bytes(Float64Array.of(NaN, Infinity, -Infinity, 1)) };
    expect(head(encode([{ tensor, binary: false }])).outputs[0]).toEqual({
      name: "y0",
      datatype: "FP64",
      shape: [4],
      parameters: { non_finite_as_null: 3 },
      data: [null, null, null, 1],
    });
    expect(Buffer.from(readBack(encode([{ tensor, binary: true }]))[0]!.data)).toEqual(Buffer.from(tensor.data));
  });

  it("read tensors whose bytes lie at odd addresses", () => {
    const slab = new Uint8Array(9);
    slab.set(bytes(Float64Array.of(2.5)), 1);
    const tensor: Tensor = { type: "float64", dims: [1], data: slab.subarray(1) };
    expect(head(encode([{ tensor, binary: false }])).outputs[0].data).toEqual([2.5]);
  });

  it("leave out the id and version that nobody gave, and escape names", () => {
    const { body } = encodeInfer({ modelName: 'a"\u2028', outputs: [] }, defaultProtocolLimits);
    expect(JSON.parse(body.toString())).toEqual({ model_name: 'a"\u2028', outputs: [] });
  });

  it("count non-ASCII text in bytes", () => {
    const response = encodeInfer(
      {
        modelName: "猫",
        id: "é",
        outputs: [{ name: "y", tensor: { type: "uint8", dims: [1], data: Uint8Array.of(9) }, binary: true }],
      },
      defaultProtocolLimits,
    );
    expect(head(response).id).toBe("é");
    expect(response.body.at(-1)).toBe(9);
  });

  it("are refused in JSON when they are so large that writing them would hold up everybody", () => {
    const tensor: Tensor = { type: "uint8", dims: [32_769], data: new Uint8Array(32_769) };
    expect(refusalOf(() => encode([{ tensor, binary: false }]))).toMatchObject({ code: "gateway/answer-too-large", status: 400 });
    expect(encode([{ tensor, binary: true }]).body.length).toBeGreaterThan(32_769);
  });

  it("are refused for a type that the protocol cannot name", () => {
    const tensor: Tensor = { type: "complex64", dims: [1], data: new Uint8Array(8) };
    expect(refusalOf(() => encode([{ tensor, binary: true }])).code).toBe("gateway/unsupported-extension");
  });
});

describe("datatypes", () => {
  it("are named both ways", () => {
    for (const type of types) expect(wireTypeOf(datatypeOf(type)!)).toBe(type);
    expect(datatypeOf("complex128")).toBeUndefined();
  });

  it("pack strings with the length of their UTF-8 bytes", () => {
    expect([...packStrings(["", "é"])]).toEqual([0, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xa9]);
  });
});
