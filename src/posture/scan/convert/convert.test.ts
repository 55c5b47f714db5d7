import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { makeZip } from "../rules/make-zip.ts";
import { raw } from "../rules/raw.ts";
import { convertBytes } from "./convert.ts";

const bytes = (text: string): Uint8Array => raw(text)();
const text = (values: Uint8Array | ArrayBuffer): string =>
  Array.from(new Uint8Array(values as ArrayBuffer), (byte) => String.fromCharCode(byte)).join("");
const floats = (...values: number[]): string => text(new Float32Array(values).buffer);

function npy(data: string, { descr = "<f4", shape = "(2, 3)", fortran = false } = {}): string {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }\n`;
  return `\x93NUMPY\x01\0${String.fromCharCode(header.length)}\0${header}${data}`;
}

/** Tensors by name, each with its type, shape and numbers, as a reader of safetensors sees them. */
function read(content: string | Uint8Array): Record<string, unknown> {
  const chunks = [...convertBytes(typeof content === "string" ? bytes(content) : content, "weights").chunks()];
  const file = new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => [name, { dtype, shape, data: text(file.slice(8 + length + from, 8 + length + to)) }],
    ),
  );
}

const six = floats(1, 2, 3, 4, 5, 6);

describe("files of NumPy become safetensors", () => {
  it("row by row as they stand", () => {
    expect(read(npy(six))).toEqual({ array: { dtype: "F32", shape: [2, 3], data: six } });
  });

  it("column by column turned round", () => {
    expect(read(npy(floats(1, 4, 2, 5, 3, 6), { fortran: true }))).toEqual({ array: { dtype: "F32", shape: [2, 3], data: six } });
  });

  it("with numbers that no arithmetic keeps: the bits of NaN, infinities and minus zero", () => {
    const odd = "\x01\0\xc0\x7f\0\0\x80\xff\0\0\0\x80\x01\0\xa0\x7f\0\0\0\0\xff\xff\xff\x7f";
    expect(read(npy(odd))).toEqual({ array: { dtype: "F32", shape: [2, 3], data: odd } });
  });

  it("of one number, and of none", () => {
    expect(read(npy(floats(7), { shape: "()" }))).toEqual({ array: { dtype: "F32", shape: [], data: floats(7) } });
    expect(read(npy("", { shape: "(0, 3)" }))).toEqual({ array: { dtype: "F32", shape: [0, 3], data: "" } });
  });

  it("from an archive, each by its name", () => {
    const archive = makeZip([
      ["layer.weight.npy", npy(six)],
      ["bias.npy", npy("\x01\x02", { descr: "|u1", shape: "(2,)" })],
    ])();
    expect(read(archive)).toEqual({
      bias: { dtype: "U8", shape: [2], data: "\x01\x02" },
      "layer.weight": { dtype: "F32", shape: [2, 3], data: six },
    });
  });

  it("through gzip", () => {
    expect(read(new Uint8Array(gzipSync(bytes(npy(six)))))).toEqual(read(npy(six)));
  });
});

const evil = "cos\nsystem\n(S'id'\ntR.";

describe("what is no plain numbers is refused, and says why", () => {
  const ways: Record<string, readonly [content: string | Uint8Array, why: RegExp]> = {
    "an array of objects": [npy(evil, { descr: "|O", shape: "(1,)" }), /array of objects/],
    "an array of objects in an archive": [
      makeZip([
        ["a.npy", npy(six)],
        ["b.npy", npy(evil, { descr: "|O", shape: "(1,)" })],
      ])(),
      /`b` is an array of objects/,
    ],
    "numbers that break off": [npy(six.slice(1)), /24 bytes of numbers and has 23/],
    "numbers that go on": [npy(`${six}N.`), /24 bytes of numbers and has 26/],
    "the other end first": [npy(six, { descr: ">f4" }), /big end first/],
    "a type that safetensors has not": [npy("a\0\0\0b\0\0\0", { descr: "<U1", shape: "(2,)" }), /no array of plain numbers/],
    "a header that is a program": [npy(six).replace("(2, 3)", "(1+1,)"), /no array of plain numbers/],
    "a call": [evil, /imports os\.system \(GLOBAL at byte 0\)/],
    "an archive that is neither": [makeZip([["notes.txt", "words\n"]])(), /not exactly one data\.pkl/],
    words: ["words", /no whole pickle/],
  };
  it.for(Object.entries(ways))("%s", ([, [content, why]]) => {
    expect(() => read(content)).toThrow(why);
  });
});

describe("files of PyTorch become safetensors", () => {
  const str = (value: string): string => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
  const tensor = (offset: string, size: string, stride: string): string =>
    `ctorch._utils\n_rebuild_tensor_v2\n((${str("storage")}ctorch\nFloatStorage\n${str("0")}${str("cpu")}K\x06tQ${offset}${size}${stride}\x89ccollections\nOrderedDict\n)RtR`;
  const archive = (pickle: string): Uint8Array =>
    makeZip([
      ["m/data.pkl", pickle],
      ["m/data/0", six],
      ["m/version", "3\n"],
    ])();

  it("a view by its strides, two tensors of one storage", () => {
    const whole = tensor("K\0", "K\x02K\x03\x86", "K\x03K\x01\x86");
    const turned = tensor("K\x01", "K\x02K\x02\x86", "K\x01K\x03\x86");
    expect(read(archive(`\x80\x02}(${str("a")}${whole}${str("b")}${turned}u.`))).toEqual({
      a: { dtype: "F32", shape: [2, 3], data: six },
      b: { dtype: "F32", shape: [2, 2], data: floats(2, 5, 3, 6) },
    });
  });

  it("but not one that reaches past its storage, nor one beside a number", () => {
    expect(() => read(archive(`\x80\x02}${str("a")}${tensor("K\x05", "K\x02\x85", "K\x01\x85")}s.`))).toThrow(/storage|ends at/);
    expect(() => read(archive(`\x80\x02}${str("epoch")}K\x07s.`))).toThrow(/`epoch` is no tensor but 7/);
  });
});
