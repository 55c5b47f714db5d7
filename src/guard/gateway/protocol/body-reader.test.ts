import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBodyReader } from "./body-reader.ts";
import { refusalOf } from "../../../../test/helpers/requests.ts";

describe("body reader", () => {
  it("gives the same bytes however they were cut into chunks", () => {
    const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), cuts, fc.nat({ max: 300 }), (body, cuts, jsonBytes) => {
        const reader = createBodyReader({ bodyBytes: body.length, jsonBytes: Math.min(jsonBytes, body.length) });
        const at = [0, ...cuts.map((cut) => Math.min(cut, body.length)).sort((a, b) => a - b), body.length];
        for (let i = 1; i < at.length; i++) reader.push(body.subarray(at[i - 1]!, at[i]!));
        expect(reader.finish()).toEqual(new Uint8Array(body));
      }),
    );
  });

  it("puts the first binary section on an aligned address", () => {
    for (let jsonBytes = 1; jsonBytes < 40; jsonBytes++) {
      const reader = createBodyReader({ bodyBytes: 64, jsonBytes });
      reader.push(new Uint8Array(64));
      expect((reader.finish().byteOffset + jsonBytes) % 8).toBe(0);
    }
  });

  it("copies chunks, so that the socket may reuse them, and never lies on memory that others share", () => {
    const chunk = Uint8Array.of(1, 2, 3);
    const reader = createBodyReader({ bodyBytes: 3, jsonBytes: 3 });
    reader.push(chunk);
    chunk.fill(9);
    const body = reader.finish();
    expect([...body]).toEqual([1, 2, 3]);
    expect(body.buffer.byteLength).toBeLessThan(16);
  });

  it("refuses more bytes than were declared at the chunk that brings them, and fewer at the end", () => {
    const reader = createBodyReader({ bodyBytes: 3, jsonBytes: 3 });
    reader.push(Uint8Array.of(1, 2));
    expect(refusalOf(() => reader.finish())).toMatchObject({ code: "gateway/incomplete-body", status: 400 });
    expect(refusalOf(() => reader.push(Uint8Array.of(3, 4)))).toMatchObject({ code: "gateway/incomplete-body", status: 400 });
    expect(refusalOf(() => createBodyReader({ bodyBytes: 3, jsonBytes: 3 }).finish()).code).toBe("gateway/incomplete-body");
  });

  it("allocates nothing for a length that is only promised", () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 1000 }, () => createBodyReader({ bodyBytes: 2 ** 31 - 1, jsonBytes: 10 }));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
    expect(readers).toHaveLength(1000);
  });

  it("does work in proportion to the bytes when each comes alone", () => {
    const size = 2 ** 20;
    const reader = createBodyReader({ bodyBytes: size, jsonBytes: 8 });
    const one = Uint8Array.of(7);
    // A reader that copied what it has with each chunk would move 2^39 bytes here and run into the test's time limit.
    for (let i = 0; i < size; i++) reader.push(one);
    expect(reader.finish().every((byte) => byte === 7)).toBe(true);
  });
});
