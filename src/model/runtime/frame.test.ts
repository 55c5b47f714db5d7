import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFrameReader } from "./frame-reader.ts";
import { decodeFrame, decodePrefix, encodeFrame, prefixBytes } from "./frame.ts";
import type { Frame, FrameKind } from "./frame.ts";
import { exchangeableTypes, exchangeBytes } from "./ort.ts";
import type { NamedTensor } from "./session.ts";

const anyTensor: fc.Arbitrary<NamedTensor> = fc
  .record({ name: fc.string(), type: fc.constantFrom(...exchangeableTypes), dims: fc.array(fc.nat(5), { maxLength: 4 }) })
  .chain(({ name, type, dims }): fc.Arbitrary<NamedTensor> => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (type === "string") {
      const strings = fc.array(fc.string({ unit: "grapheme" }), { minLength: count, maxLength: count });
      return strings.map((list) => ({ name, type, dims, data: new Uint8Array(0), strings: list }));
    }
    const length = exchangeBytes(type, dims);
    return fc.uint8Array({ minLength: length, maxLength: length }).map((data) => ({ name, type, dims, data }));
  });

const kinds: FrameKind[] = ["hello", "open", "opened", "run", "ran", "failed", "close"];
const anyFrame: fc.Arbitrary<Frame> = fc.record({
  kind: fc.constantFrom(...kinds),
  id: fc.nat(),
  ms: fc.double({ min: 0, max: 1e9, noNaN: true }),
  text: fc.string({ unit: "grapheme" }),
  tensors: fc.array(anyTensor, { maxLength: 4 }),
});

const bytesOf = (frame: Frame): Uint8Array => new Uint8Array(Buffer.concat(encodeFrame(frame)));

/** The first frame in some bytes. */
function decode(bytes: Uint8Array): Frame {
  const { headBytes, dataBytes } = decodePrefix(bytes.subarray(0, prefixBytes), 1 << 20);
  const head = bytes.subarray(prefixBytes, prefixBytes + headBytes);
  return decodeFrame(head, bytes.subarray(prefixBytes + headBytes, prefixBytes + headBytes + dataBytes));
}

describe("a frame", () => {
  it("comes out as it went in, for every element type and any text", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(decode(bytesOf(frame))).toEqual(frame);
      }),
    );
  });

  it("keeps each tensor's data at a multiple of 8, where any typed view fits", () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const bytes = bytesOf(frame);
        const { headBytes } = decodePrefix(bytes.subarray(0, prefixBytes), 1 << 20);
        const data = Uint8Array.from(bytes.subarray(prefixBytes + headBytes));
        const { tensors } = decodeFrame(bytes.subarray(prefixBytes, prefixBytes + headBytes), data);
        for (const tensor of tensors) if (tensor.type !== "string") expect(tensor.data.byteOffset % 8).toBe(0);
      }),
    );
  });

  it("is refused with a typed error, never a crash, when any of its bytes lies", () => {
    fc.assert(
      fc.property(anyFrame, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }), (frame, edits) => {
        const bytes = bytesOf(frame);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        try {
          decode(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "runtime/bad-frame" });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is refused when it is cut short anywhere", () => {
    const frame: Frame = {
      kind: "ran",
      id: 7,
      ms: 1,
      text: "x",
      tensors: [{ name: "y", type: "int16", dims: [3], data: new Uint8Array(6) }],
    };
    const bytes = bytesOf(frame);
    const { headBytes } = decodePrefix(bytes.subarray(0, prefixBytes), 100);
    for (let length = 0; length < headBytes; length++) {
      expect(() => decodeFrame(bytes.subarray(prefixBytes, prefixBytes + length), new Uint8Array(8))).toThrow(
        expect.objectContaining({ code: "runtime/bad-frame" }),
      );
    }
    expect(() => decodeFrame(bytes.subarray(prefixBytes, prefixBytes + headBytes), new Uint8Array(0))).toThrow(
      /a tensor of 6 bytes/,
    );
  });
});

describe("a reader of frames", () => {
  it("finds the same frames however the stream is cut into chunks", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 4 }), fc.array(fc.integer({ min: 1, max: 40 })), (frames, cuts) => {
        const stream = new Uint8Array(Buffer.concat(frames.map(bytesOf)));
        const reader = createFrameReader(1 << 20);
        const found: Frame[] = [];
        let at = 0;
        for (const size of [...cuts, stream.length]) {
          found.push(...reader.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(found).toEqual(frames);
      }),
    );
  });

  it("takes no frame beyond its limit, and allocates nothing for one", () => {
    const prefix = new Uint8Array(prefixBytes);
    new DataView(prefix.buffer).setFloat64(8, 2 ** 40, true);
    expect(() => createFrameReader(2 ** 30).push(prefix)).toThrow(expect.objectContaining({ code: "runtime/bad-frame" }));
  });

  it("takes no prefix whose size is negative, fractional, not a number, or not a multiple of 8", () => {
    for (const size of [-8, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 7]) {
      const prefix = new Uint8Array(prefixBytes);
      new DataView(prefix.buffer).setFloat64(8, size, true);
      expect(() => decodePrefix(prefix, 2 ** 30)).toThrow(expect.objectContaining({ code: "runtime/bad-frame" }));
    }
  });
});
