import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../../base/error/index.ts";
import { readIdx } from "./idx.ts";

const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9);

describe("IDX", () => {
  it("is read as its author describes it", () => {
    expect(readIdx(labels)).toEqual({ type: "uint8", dims: [3], data: Uint8Array.of(7, 8, 9) });
    expect(readIdx(labels).data.buffer).toBe(labels.buffer);
    const floats = readIdx(Uint8Array.of(0, 0, 0x0d, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0));
    expect(floats).toMatchObject({ type: "float32", dims: [1, 2] });
    expect([...new Float32Array(floats.data.buffer)]).toEqual([1, -2]);
    expect(readIdx(Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 1, 0xff, 0xfe)).data).toEqual(Uint8Array.of(0xfe, 0xff));
  });

  it.for([
    ["another format", Uint8Array.of(1, 2, 3, 4), "data/malformed", "not an IDX file"],
    ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0), "data/unsupported", "gzip"],
    ["an unknown type", Uint8Array.of(0, 0, 0x0a, 0), "data/malformed", "element type is 10"],
    ["cut dimensions", labels.subarray(0, 6), "data/malformed", "inside its dimensions"],
    ["cut data", labels.subarray(0, 10), "data/malformed", "do not fit the 2 bytes"],
    ["a bomb of dimensions", Uint8Array.of(0, 0, 8, 3, ...Array.from({ length: 12 }, () => 255)), "data/malformed", "do not fit"],
  ] as const)("refuses %s by name", ([, bytes, code, says]) => {
    expect(() => readIdx(bytes, "a.idx")).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }));
    expect(() => readIdx(bytes, "a.idx")).toThrow("`a.idx`");
  });

  it("answers any bytes with a typed error or a tensor", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), fc.constantFrom(8, 9, 11, 12, 13, 14), (tail, type) => {
        try {
          readIdx(Uint8Array.of(0, 0, type, ...tail));
        } catch (error) {
          if (!isModelkeepError(error)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
