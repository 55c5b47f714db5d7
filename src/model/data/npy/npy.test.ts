import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import type { DataTensor, DataType } from "../tensor.ts";
import { widthOf } from "../tensor.ts";
import { readNpy, writeNpy } from "./npy.ts";

const numeric: DataType[] = [
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "float16",
  "float32",
  "float64",
  "complex64",
  "complex128",
];

const anyTensor: fc.Arbitrary<DataTensor> = fc
  .tuple(fc.constantFrom(...numeric), fc.array(fc.nat({ max: 4 }), { maxLength: 4 }))
  .chain(([type, dims]) => {
    const length = dims.reduce((a, b) => a * b, 1) * widthOf(type);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ type, dims, data }));
  });

/** A file with this header text and these bytes behind it. */
function npy(literal: string, data = new Uint8Array(0), version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${literal}\n`);
  const length = version === 1 ? [text.length & 0xff, text.length >> 8] : [text.length & 0xff, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode("NUMPY"), version, 0, ...length, ...text, ...data]);
}
const floats = (shape: string, more = "") => `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}${more}}`;

describe(".npy", () => {
  it("gives back every tensor that it wrote", () => {
    fc.assert(
      fc.property(anyTensor, (tensor) => {
        expect(readNpy(writeNpy(tensor))).toEqual(tensor);
      }),
    );
  });

  it("gives back text, whatever its letters", () => {
    const word = fc.string({ unit: "binary" }).filter((text) => !text.endsWith("\0"));
    fc.assert(
      fc.property(fc.array(word), (strings) => {
        const tensor: DataTensor = { type: "string", dims: [strings.length], data: new Uint8Array(0), strings };
        expect(readNpy(writeNpy(tensor))).toEqual(tensor);
      }),
    );
  });

  it("is a view of the file's bytes where these are aligned, and an aligned copy where not", () => {
    const file = writeNpy({ type: "float64", dims: [2], data: new Uint8Array(16).fill(7) });
    expect(readNpy(file).data.buffer).toBe(file.buffer);
    const shifted = new Uint8Array(file.length + 1);
    shifted.set(file, 1);
    const read = readNpy(shifted.subarray(1)).data;
    expect(read.buffer).not.toBe(shifted.buffer);
    expect(read.byteOffset % 8).toBe(0);
    expect(read).toEqual(readNpy(file).data);
  });

  it("takes other programs' spellings of the header", () => {
    const data = new Uint8Array(8);
    for (const literal of [
      floats("(2,)"),
      floats("(2, )", ", "),
      floats("(2L,)"),
      '{"shape": (1, 2), "fortran_order": True,"descr": "<f4"}     ',
    ]) {
      expect(readNpy(npy(literal, data)).type).toBe("float32");
      expect(readNpy(npy(literal, data, 2)).type).toBe("float32");
    }
  });

  it.for([
    ["no magic", new TextEncoder().encode("hello"), "data/malformed", "not a .npy file"],
    ["a version of tomorrow", npy(floats("(1,)"), new Uint8Array(4), 4), "data/unsupported", "version 4.0"],
    [
      "a shape that is larger than the data",
      npy(floats("(3,)"), new Uint8Array(8)),
      "data/malformed",
      "takes 12 bytes of data, it has 8",
    ],
    ["a shape beyond counting", npy(floats("(9007199254740991, 2)")), "data/malformed", "more than 2^53 bytes"],
    ["a negative dimension", npy(floats("(-1,)")), "data/malformed", "a dimension"],
    ["a number for a shape", npy(floats("(3)")), "data/malformed", "no tuple"],
    ["65 dimensions", npy(floats(`(${"1,".repeat(65)})`)), "data/malformed", "65 dimensions"],
    ["a key too many", npy(floats("()", ", 'x': True")), "data/malformed", "is not `{'descr'"],
    ["a key twice", npy(floats("()", ", 'shape': ()")), "data/malformed", "a second `shape`"],
    ["a call in the header", npy("{'descr': __import__('os').system('id')}"), "data/malformed", "no a string"],
    ["bytes behind the array", npy(floats("(1,)"), new Uint8Array(9)), "data/malformed", "5 bytes follow"],
    [
      "a boolean of 2",
      npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", Uint8Array.of(1, 2)),
      "data/malformed",
      "a boolean is 2",
    ],
    [
      "text of no width without end",
      npy("{'descr': '<U0', 'fortran_order': False, 'shape': (9999999999,)}"),
      "data/too-large",
      "9999999999 strings",
    ],
    [
      "text that is no text",
      npy("{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}", Uint8Array.of(0, 0xd8, 0, 0)),
      "data/malformed",
      "element 0 is no text",
    ],
    [
      "a name of the language",
      npy("{'descr': '|constructor', 'fortran_order': False, 'shape': ()}"),
      "data/unsupported",
      "none that a model takes",
    ],
  ] as const)("refuses %s and names the file", ([, bytes, code, says]) => {
    expect(() => readNpy(bytes, "some/x.npy")).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(/^`some\/x\.npy`[,:]/) }),
    );
    expect(() => readNpy(bytes)).toThrow(says);
  });

  it("refuses to write what numpy has no type for, and data that does not fit its dimensions", () => {
    const data = new Uint8Array(4);
    expect(() => writeNpy({ type: "bfloat16", dims: [2], data })).toThrow(expect.objectContaining({ code: "data/unsupported" }));
    expect(() => writeNpy({ type: "float32", dims: [2], data })).toThrow(expect.objectContaining({ code: "data/malformed" }));
    expect(() => writeNpy({ type: "toString", dims: [2], data })).toThrow(expect.objectContaining({ code: "data/unsupported" }));
  });

  it("answers any damage with a typed error or a tensor that fits its own dimensions", () => {
    const seed = writeNpy({ type: "int16", dims: [3, 4], data: new Uint8Array(24) });
    const text = writeNpy({ type: "string", dims: [2], data: new Uint8Array(0), strings: ["ab", "c"] });
    const damage = fc.array(fc.tuple(fc.nat({ max: 160 }), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(seed, text), damage, fc.option(fc.nat({ max: 160 })), (file, edits, cut) => {
        const bytes = file.slice(0, cut ?? file.length);
        for (const [at, byte] of edits) bytes[at] = byte;
        try {
          const { type, dims, data, strings } = readNpy(bytes);
          const count = dims.reduce((a, b) => a * b, 1);
          expect(type === "string" ? strings!.length : data.length).toBe(type === "string" ? count : count * widthOf(type));
        } catch (error) {
          if (!isModelkeepError(error) || error.code === "internal/unexpected") throw error;
        }
      }),
      { numRuns: 5000 },
    );
  });
});
