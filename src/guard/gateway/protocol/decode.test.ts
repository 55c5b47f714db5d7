import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProtocolLimits } from "./limits.ts";
import { binaryInput, bytes, decode, frame, jsonInput, refusalOf } from "../../../../test/helpers/requests.ts";
import { decodeInfer } from "./decode.ts";
import { defaultProtocolLimits } from "./limits.ts";

const refusal = (head: unknown, sections: readonly Uint8Array[] = [], limits: Partial<ProtocolLimits> = {}) =>
  refusalOf(() => decode(head, sections, limits));
const tensorOf = (head: unknown, sections: readonly Uint8Array[] = []) => decode(head, sections).inputs[0]!.tensor;

describe("tensors in JSON", () => {
  it("may be flat or nested as their shape", () => {
    const want = bytes(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const nested = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ];
    expect(tensorOf(jsonInput("FP32", [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])).data).toEqual(want);
    expect(tensorOf(jsonInput("FP32", [2, 2, 2], nested)).data).toEqual(want);
  });

  it.for([
    [
      [2, 2, 2],
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    ],
    [
      [2, 2],
      [[1, 2], [3]],
    ],
    [
      [2, 2],
      [[1, 2], 3, 4],
    ],
    [
      [2, 2],
      [1, 2, [3, 4]],
    ],
    [
      [2, 2],
      [1, 2, 3],
    ],
    [
      [2, 2],
      [1, 2, 3, 4, 5],
    ],
    [
      [2, 2],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    [[2, 2], []],
    [[2], [[1, 2]]],
    [[], []],
    [[], [1, 2]],
    [[0], [1]],
    [[2, 2], 5],
  ])("must have the elements of their shape %j: %j", ([shape, data]) => {
    expect(refusal(jsonInput("FP32", shape as number[], data))).toMatchObject({ status: 400 });
  });

  it("may be a scalar or empty", () => {
    expect(tensorOf(jsonInput("INT8", [], [5]))).toEqual({ type: "int8", dims: [], data: Uint8Array.of(5) });
    expect(tensorOf(jsonInput("INT8", [0, 3], []))).toEqual({ type: "int8", dims: [0, 3], data: new Uint8Array(0) });
    expect(tensorOf(jsonInput("INT8", [2, 0], [[], []])).dims).toEqual([2, 0]);
    expect(tensorOf(jsonInput("BYTES", [0], [])).strings).toEqual([]);
  });

  it("may stand before the shape and datatype that say how to read them", () => {
    const text = '{"inputs":[{"data":[[1,NaN],["]",null]],"shape":[2,2],"datatype":"FP32","name":"x"}]}';
    expect(refusal(text).code).toBe("gateway/bad-value");
    const good = '{"inputs":[{"data":[[1,NaN],[-Infinity,null]],"shape":[2,2],"datatype":"FP32","name":"x"}],"id":"7"}';
    const request = decode(good);
    expect([...new Float32Array(request.inputs[0]!.tensor.data.buffer)]).toEqual([1, NaN, -Infinity, NaN]);
    expect(request.id).toBe("7");
  });

  const ranges: readonly [string, bigint, bigint][] = [
    ["UINT8", 0n, 2n ** 8n - 1n],
    ["UINT16", 0n, 2n ** 16n - 1n],
    ["UINT32", 0n, 2n ** 32n - 1n],
    ["UINT64", 0n, 2n ** 64n - 1n],
    ["INT8", -(2n ** 7n), 2n ** 7n - 1n],
    ["INT16", -(2n ** 15n), 2n ** 15n - 1n],
    ["INT32", -(2n ** 31n), 2n ** 31n - 1n],
    ["INT64", -(2n ** 63n), 2n ** 63n - 1n],
  ];
  it.for(ranges)("hold %s exactly from %s to %s and nothing beyond", ([datatype, min, max]) => {
    const text = (values: readonly unknown[]) =>
      `{"inputs":[{"name":"x","shape":[${values.length}],"datatype":"${datatype}","data":[${values.join(",")}]}]}`;
    const bits = BigInt(datatype.replace(/\D/g, ""));
    const read = (data: Uint8Array, index: number): bigint => {
      let value = 0n;
      for (let i = Number(bits) / 8 - 1; i >= 0; i--) value = value * 256n + BigInt(data[(index * Number(bits)) / 8 + i]!);
      return min < 0n ? BigInt.asIntN(Number(bits), value) : value;
    };
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min, max }), { minLength: 1, maxLength: 8 }), (values) => {
        const { data } = tensorOf(text(values));
        values.forEach((value, index) => expect(read(data, index)).toBe(value));
      }),
    );
    for (const [value, index] of [min, max].map((value, index) => [value, index] as const)) {
      expect(read(tensorOf(text([min, max])).data, index)).toBe(value);
    }
    for (const bad of [
      min - 1n,
      max + 1n,
      `${max}0`,
      "1".repeat(5000),
      "1.0",
      "1e0",
      "0.5",
      '"1"',
      "true",
      "null",
      "NaN",
      "[1]",
      "{}",
    ]) {
      const found = refusal(text([bad]));
      expect(found, String(bad)).toMatchObject({ code: "gateway/bad-value", status: 400 });
      expect(found.hint!.length).toBeGreaterThan(10);
    }
  });

  it.for([
    ["FP64", ["1e309", "-1e309"], ["1.7976931348623157e308", "5e-324", "1e-400"]],
    ["FP32", ["3.5e38", "-1e39", "1e400"], ["3.4028234663852886e38", "1.401298464324817e-45", "1e-60", "9007199254740993"]],
    ["FP16", ["65520", "-1e5", "1e400"], ["65519", "5.960464477539063e-8", "0.1"]],
    ["BF16", ["3.4e38", "1e39"], ["3.3895313892515355e38", "0.1", "-0.0"]],
  ] as const)("hold %s except what overflows it", ([datatype, bad, good]) => {
    const head = (value: string) => `{"inputs":[{"name":"x","shape":[1],"datatype":"${datatype}","data":[${value}]}]}`;
    for (const value of bad) expect(refusal(head(value))).toMatchObject({ code: "gateway/bad-value", status: 400 });
    for (const value of good) expect(tensorOf(head(value)).data.length).toBe(Number(datatype.slice(2)) / 8);
    for (const value of ['"1"', "true", "[]", "{}"]) expect(refusal(head(value)).code).toBe("gateway/bad-value");
  });

  it("hold NaN and infinities as Python, Triton, KServe and MLServer write them; whether the model takes them is its contract's matter", () => {
    const { data } = tensorOf('{"inputs":[{"name":"x","shape":[4],"datatype":"FP64","data":[NaN,Infinity,-Infinity,null]}]}');
    expect([...new Float64Array(data.buffer)]).toEqual([NaN, Infinity, -Infinity, NaN]);
    expect(refusal('{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":["NaN"]}]}').code).toBe("gateway/bad-value");
    expect(refusal('{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[Inf]}]}').code).toBe("gateway/bad-value");
    expect(refusal('{"id":NaN,"inputs":[]}').status).toBe(400);
  });

  it("hold BOOL as true and false only", () => {
    expect(tensorOf(jsonInput("BOOL", [3], [true, false, true])).data).toEqual(Uint8Array.of(1, 0, 1));
    for (const value of [0, 1, "true", null]) expect(refusal(jsonInput("BOOL", [1], [value])).code).toBe("gateway/bad-value");
  });

  it("hold BYTES as strings, whatever characters they have", () => {
    const strings = ["", "a\nb", "naïve 猫 😀", '"\\', "\u0000"];
    expect(tensorOf(jsonInput("BYTES", [5], strings))).toEqual({ type: "string", dims: [5], data: new Uint8Array(0), strings });
    for (const value of [1, null, true, ["a"]]) expect(refusal(jsonInput("BYTES", [1], [value])).code).toBe("gateway/bad-value");
    expect(refusal('{"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":["\\ud800"]}]}').code).toBe("gateway/bad-json");
  });
});

describe("tensors in binary form", () => {
  it("are views of the body where they are aligned, and copies where they are not", () => {
    for (const extra of ["", "a", "ab", "abc"]) {
      const head = { ...(binaryInput("FP32", [2], 8) as object), id: extra };
      const { body, plan } = frame(head, [bytes(Float32Array.of(1.5, -2))]);
      const { tensor } = decodeInfer(body, plan, defaultProtocolLimits).inputs[0]!;
      expect(tensor.data.byteOffset % 4).toBe(0);
      expect(tensor.data.buffer === body.buffer).toBe(plan.jsonBytes % 4 === 0);
      expect([...new Float32Array(tensor.data.buffer, tensor.data.byteOffset, 2)]).toEqual([1.5, -2]);
    }
  });

  it("are aligned copies of an unaligned Buffer too, whose slice would be a view", () => {
    const { body, plan } = frame(binaryInput("FP64", [1], 8), [bytes(Float64Array.of(2.5))]);
    for (let shift = 0; shift < 8; shift++) {
      const buffer = Buffer.from(new ArrayBuffer(body.length + shift), shift);
      buffer.set(body);
      const { data } = decodeInfer(buffer, plan, defaultProtocolLimits).inputs[0]!.tensor;
      expect(new Float64Array(data.buffer, data.byteOffset, 1)[0]).toBe(2.5);
    }
  });

  it("follow the JSON part in the order of the inputs, beside others in JSON", () => {
    const head = {
      inputs: [
        { name: "a", datatype: "UINT8", shape: [2], parameters: { binary_data_size: 2 } },
        { name: "b", datatype: "UINT8", shape: [1], data: [9] },
        { name: "c", datatype: "BYTES", shape: [2], parameters: { binary_data_size: 11 } },
      ],
    };
    const { inputs } = decode(head, [
      Uint8Array.of(1, 2),
      Uint8Array.of(0, 0, 0, 0),
      Uint8Array.of(3, 0, 0, 0, 0xe7, 0x8c, 0xab),
    ]);
    expect(inputs.map(({ tensor }) => tensor.strings ?? Array.from(tensor.data))).toEqual([[1, 2], [9], ["", "猫"]]);
  });

  it.for([
    ["shorter than declared", binaryInput("FP32", [2], 8), new Uint8Array(7), "gateway/wrong-size"],
    ["longer than declared", binaryInput("FP32", [2], 8), new Uint8Array(9), "gateway/wrong-size"],
    ["not what the shape says", binaryInput("FP32", [3], 8), new Uint8Array(8), "gateway/wrong-size"],
    ["of a negative size", binaryInput("FP32", [2], -8), new Uint8Array(8), "gateway/bad-request"],
    ["of a fractional size", binaryInput("FP32", [2], 8.5), new Uint8Array(8), "gateway/bad-request"],
    ["of a size in quotes", binaryInput("FP32", [2], "8"), new Uint8Array(8), "gateway/bad-request"],
    ["of a size of 2^53", binaryInput("FP32", [2], 2 ** 53), new Uint8Array(8), "gateway/bad-request"],
    ["a BOOL of 2", binaryInput("BOOL", [2], 2), Uint8Array.of(1, 2), "gateway/bad-value"],
    [
      "BYTES with a huge length",
      binaryInput("BYTES", [1], 8),
      Uint8Array.of(255, 255, 255, 255, 1, 2, 3, 4),
      "gateway/wrong-size",
    ],
    ["BYTES with a length one too long", binaryInput("BYTES", [1], 6), Uint8Array.of(3, 0, 0, 0, 1, 2), "gateway/wrong-size"],
    ["BYTES cut in a length", binaryInput("BYTES", [1], 3), Uint8Array.of(0, 0, 0), "gateway/wrong-size"],
    ["BYTES with too few elements", binaryInput("BYTES", [2], 4), Uint8Array.of(0, 0, 0, 0), "gateway/wrong-size"],
    ["BYTES with too many elements", binaryInput("BYTES", [1], 8), new Uint8Array(8), "gateway/wrong-size"],
    ["BYTES that are not UTF-8", binaryInput("BYTES", [1], 6), Uint8Array.of(2, 0, 0, 0, 0xff, 0xfe), "gateway/bad-value"],
    [
      "BYTES with a surrogate in UTF-8",
      binaryInput("BYTES", [1], 7),
      Uint8Array.of(3, 0, 0, 0, 0xed, 0xa0, 0x80),
      "gateway/bad-value",
    ],
  ] as const)("are refused when they are %s", ([, head, section, code]) => {
    expect(refusal(head, [section])).toMatchObject({ code, status: 400 });
  });

  it("are refused without a section, and a section without an input", () => {
    expect(refusal(binaryInput("FP32", [2], 8)).code).toBe("gateway/wrong-size");
    expect(refusal(jsonInput("FP32", [1], [1]), [Uint8Array.of(1)]).code).toBe("gateway/wrong-size");
    const both = { inputs: [{ name: "x", datatype: "UINT8", shape: [1], data: [1], parameters: { binary_data_size: 1 } }] };
    expect(refusal(both, [Uint8Array.of(1)]).message).toContain("has both");
  });

  it("are found from wrong sums before any is read", () => {
    const input = (name: string, size: number) => ({
      name,
      datatype: "UINT8",
      shape: [size],
      parameters: { binary_data_size: size },
    });
    const head = { inputs: [input("a", Number.MAX_SAFE_INTEGER), input("b", Number.MAX_SAFE_INTEGER)] };
    expect(refusal(head, [new Uint8Array(4)], { maxTensorElements: Number.MAX_SAFE_INTEGER }).code).toBe("gateway/wrong-size");
    expect(refusal({ inputs: [input("a", 3), input("b", 2)] }, [new Uint8Array(4)]).code).toBe("gateway/wrong-size");
  });
});

describe("shapes", () => {
  it.for([
    ["-1", "gateway/bad-shape", 400],
    ["-9223372036854775808", "gateway/bad-shape", 400],
    ["1.5", "gateway/bad-shape", 400],
    ["2.0", "gateway/bad-shape", 400],
    ["1e1", "gateway/bad-shape", 400],
    ['"2"', "gateway/bad-request", 400],
    ["null", "gateway/bad-request", 400],
    ["[2]", "gateway/bad-request", 400],
    ["9007199254740993", "gateway/bad-shape", 400],
    ["18446744073709551615", "gateway/bad-shape", 400],
    ["18446744073709551616", "gateway/bad-shape", 400],
    ["1".repeat(400), "gateway/bad-shape", 400],
    ["9007199254740991", "gateway/tensor-too-large", 413],
    ["9007199254740991,9007199254740991,9007199254740991", "gateway/tensor-too-large", 413],
    ["0,9007199254740991", "gateway/tensor-too-large", 413],
    ["4294967296,4294967296", "gateway/tensor-too-large", 413],
    ["65536,65536", "gateway/tensor-too-large", 413],
    ["2147483648,2,0", "gateway/tensor-too-large", 413],
    ["1,1,1,1,1,1,1,1,1", "gateway/bad-shape", 400],
    [Array.from({ length: 100_000 }, () => 1).join(","), "gateway/bad-shape", 400],
  ] as const)("are refused with a dimension of %s", ([dims, code, status]) => {
    for (const data of ['"data":[]', '"parameters":{"binary_data_size":0}']) {
      const text = `{"inputs":[{"name":"x","datatype":"FP32","shape":[${dims}],${data}}]}`;
      expect(refusal(text)).toMatchObject({ code, status });
    }
  });

  it("allocate nothing before their data is there", () => {
    const before = process.memoryUsage().arrayBuffers;
    const text = '{"inputs":[{"name":"x","datatype":"FP64","shape":[67108864],"data":[1]}]}';
    for (let i = 0; i < 100; i++) expect(refusal(text).code).toBe("gateway/wrong-size");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22);
  });
});

describe("requests", () => {
  it("carry an id, parameters, requested outputs and the form of the answer", () => {
    const request = decode({
      id: "the id",
      parameters: { text: "é", count: 3, half: 0.5, flag: true, nothing: null, binary_data_output: true },
      inputs: [{ name: "x", datatype: "UINT8", shape: [1], data: [1], parameters: { unit: "mm" } }],
      outputs: [{ name: "y" }, { name: "z", parameters: { binary_data: false } }],
    });
    expect(request.id).toBe("the id");
    expect([...request.parameters]).toEqual([
      ["text", "é"],
      ["count", 3],
      ["half", 0.5],
      ["flag", true],
      ["binary_data_output", true],
    ]);
    expect(request.binaryOutputs).toBe(true);
    expect(request.inputs[0]!.parameters.get("unit")).toBe("mm");
    expect(request.outputs.map(({ name, binary }) => [name, binary])).toEqual([
      ["y", undefined],
      ["z", false],
    ]);
  });

  it("keep 64-bit parameters exact", () => {
    const text = '{"parameters":{"sequence_id":18446744073709551615,"low":-9223372036854775808},"inputs":[]}';
    expect([...decode(text).parameters.values()]).toEqual([18446744073709551615n, -9223372036854775808n]);
  });

  it("may leave out what is optional, or send null for it", () => {
    for (const head of [{ inputs: [] }, { id: null, parameters: null, inputs: [], outputs: null }, { inputs: [], outputs: [] }]) {
      expect(decode(head)).toEqual({ id: undefined, parameters: new Map(), inputs: [], outputs: [], binaryOutputs: false });
    }
  });

  it("may carry fields that nobody knows, at every level", () => {
    const extra = { model_name: "m", nested: [{ deep: [null, "x", -1.5e3] }], __proto__x: 1 };
    const input = { ...extra, name: "x", datatype: "UINT8", shape: [1], data: [1] };
    expect(decode({ ...extra, inputs: [input], outputs: [{ ...extra, name: "y" }] }).inputs).toHaveLength(1);
  });

  it("cannot reach a prototype through any name", () => {
    const text = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"id":"__proto__",
      "parameters":{"__proto__":"p","constructor":"c","toString":"t"},
      "inputs":[{"name":"__proto__","datatype":"UINT8","shape":[1],"data":[1],"parameters":{"__proto__":true},"__proto__":{}}],
      "outputs":[{"name":"__proto__","hasOwnProperty":1}]}`;
    const request = decode(text);
    expect([...request.parameters.keys()]).toEqual(["__proto__", "constructor", "toString"]);
    expect(request.inputs[0]!.name).toBe("__proto__");
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it.for([
    ["no inputs", "{}", "gateway/bad-request"],
    ["inputs that are an object", '{"inputs":{}}', "gateway/bad-request"],
    ["an input that is a string", '{"inputs":["x"]}', "gateway/bad-request"],
    ["an array for a request", "[]", "gateway/bad-request"],
    ["nothing", "", "gateway/bad-json"],
    ["something after the request", '{"inputs":[]}{}', "gateway/bad-json"],
    ["an id that is a number", '{"id":5,"inputs":[]}', "gateway/bad-request"],
    ["an id too long", `{"id":"${"x".repeat(257)}","inputs":[]}`, "gateway/bad-request"],
    ["an input without name", '{"inputs":[{"datatype":"UINT8","shape":[1],"data":[1]}]}', "gateway/bad-request"],
    ["an input without datatype", '{"inputs":[{"name":"x","shape":[1],"data":[1]}]}', "gateway/bad-request"],
    ["an input without shape", '{"inputs":[{"name":"x","datatype":"UINT8","data":[1]}]}', "gateway/bad-request"],
    ["an input without data", '{"inputs":[{"name":"x","datatype":"UINT8","shape":[1]}]}', "gateway/bad-request"],
    ["a name that is a number", '{"inputs":[{"name":1,"datatype":"UINT8","shape":[1],"data":[1]}]}', "gateway/bad-request"],
    ["a datatype nobody has", '{"inputs":[{"name":"x","datatype":"FP8","shape":[1],"data":[1]}]}', "gateway/bad-datatype"],
    ["a datatype in lower case", '{"inputs":[{"name":"x","datatype":"fp32","shape":[1],"data":[1]}]}', "gateway/bad-datatype"],
    ["a datatype that is a number", '{"inputs":[{"name":"x","datatype":1,"shape":[1],"data":[1]}]}', "gateway/bad-datatype"],
    [
      "a datatype from a prototype",
      '{"inputs":[{"name":"x","datatype":"constructor","shape":[1],"data":[1]}]}',
      "gateway/bad-datatype",
    ],
    ["the same field twice", '{"id":"a","id":"b","inputs":[]}', "gateway/duplicate-name"],
    ["inputs twice", '{"inputs":[],"inputs":[]}', "gateway/duplicate-name"],
    [
      "a shape twice",
      '{"inputs":[{"name":"x","shape":[1],"shape":[2],"datatype":"UINT8","data":[1]}]}',
      "gateway/duplicate-name",
    ],
    ["a field twice, once escaped", '{"id":"a","\\u0069d":"b","inputs":[]}', "gateway/duplicate-name"],
    ["a parameter twice", '{"parameters":{"a":1,"a":null},"inputs":[]}', "gateway/duplicate-name"],
    ["a parameter that is a list", '{"parameters":{"a":[1]},"inputs":[]}', "gateway/bad-request"],
    ["a parameter of 10^400", '{"parameters":{"a":1e400},"inputs":[]}', "gateway/bad-request"],
    ["a parameter of 400 digits", `{"parameters":{"a":${"1".repeat(400)}},"inputs":[]}`, "gateway/bad-request"],
    ["parameters that are a list", '{"parameters":[],"inputs":[]}', "gateway/bad-request"],
    ["binary_data_output that is no boolean", '{"parameters":{"binary_data_output":1},"inputs":[]}', "gateway/bad-request"],
    [
      "binary_data that is no boolean",
      '{"inputs":[],"outputs":[{"name":"y","parameters":{"binary_data":"true"}}]}',
      "gateway/bad-request",
    ],
    ["an output without name", '{"inputs":[],"outputs":[{}]}', "gateway/bad-request"],
    ["an output twice", '{"inputs":[],"outputs":[{"name":"y"},{"name":"y"}]}', "gateway/duplicate-name"],
    [
      "classification",
      '{"inputs":[],"outputs":[{"name":"y","parameters":{"classification":3}}]}',
      "gateway/unsupported-extension",
    ],
    [
      "an output into shared memory",
      '{"inputs":[],"outputs":[{"name":"y","parameters":{"shared_memory_region":"r"}}]}',
      "gateway/unsupported-extension",
    ],
    [
      "an input from shared memory",
      '{"inputs":[{"name":"x","datatype":"UINT8","shape":[1],"parameters":{"shared_memory_region":"r","shared_memory_byte_size":1}}]}',
      "gateway/unsupported-extension",
    ],
  ] as const)("are refused with %s", ([, text, code]) => {
    const found = refusal(text);
    expect(found).toMatchObject({ code, status: 400 });
    expect(found.hint).toBeTruthy();
  });

  it("are refused with the same input twice", () => {
    const input = { name: "x", datatype: "UINT8", shape: [1], data: [1] };
    expect(refusal({ inputs: [input, input] })).toMatchObject({
      code: "gateway/duplicate-name",
      message: "input `x` is given twice",
    });
  });

  it("are refused when their JSON part is not UTF-8", () => {
    const body = Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d);
    expect(refusalOf(() => decodeInfer(body, { bodyBytes: 7, jsonBytes: 7 }, defaultProtocolLimits))).toMatchObject({
      code: "gateway/bad-json",
      status: 400,
    });
  });

  it("never put a client's text into a message as it is", () => {
    const evil = "\u001b[2J\r\nroot logged in `";
    for (const head of [
      { inputs: [{ name: evil, datatype: "UINT8", shape: [1] }] },
      { inputs: [{ name: evil, datatype: evil, shape: [1], data: [1] }] },
      { inputs: [], parameters: { [evil]: [] } },
      { inputs: [], outputs: [{ name: evil }, { name: evil }] },
      { inputs: [{ name: "x", datatype: "UINT8", shape: [1], data: [1], parameters: { binary_data_size: evil } }] },
    ]) {
      const { message, hint } = refusal(head);
      // oxlint-disable-next-line no-control-regex
      expect(`${message}${hint}`).not.toMatch(/[\u0000-\u001f\u007f]/);
      expect(message.length).toBeLessThan(500);
    }
  });
});
