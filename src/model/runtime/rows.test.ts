import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringTensor, tensorOf } from "../onnx/index.ts";
import { joinRows, splitRows } from "./rows.ts";
import type { NamedTensor } from "./session.ts";

const fresh = (bytes: number): Uint8Array => new Uint8Array(bytes);

/** A request with a numeric and a string input of some rows. */
const anyRequest = fc
  .array(fc.tuple(fc.float({ noNaN: true }), fc.string()), { minLength: 1, maxLength: 5 })
  .map((list): NamedTensor[] => [
    {
      name: "x",
      ...tensorOf(
        "float32",
        [list.length, 2],
        list.flatMap(([value]) => [value, -value]),
      ),
    },
    {
      name: "s",
      ...stringTensor(
        [list.length],
        list.map(([, text]) => text),
      ),
    },
  ]);

describe("rows of several requests", () => {
  it("joined and split again are what they were", () => {
    fc.assert(
      fc.property(fc.array(anyRequest, { minLength: 1, maxLength: 6 }), (requests) => {
        const joined = joinRows(requests, fresh);
        expect(
          splitRows(
            joined,
            requests.map((request) => request[0]!.dims[0]!),
          ),
        ).toEqual(requests);
      }),
    );
  });

  it("share no memory after the split, so that nobody finds a neighbour's answer behind his own", () => {
    const batch = [{ name: "y", ...tensorOf("float32", [3, 2], [1, 2, 3, 4, 5, 6]) }];
    const parts = splitRows(batch, [1, 2])!;
    for (const [part] of parts) expect(part!.data.buffer.byteLength).toBe(part!.data.byteLength);
  });

  it("are not split from an output that does not have one row for each input row", () => {
    expect(splitRows([{ name: "y", ...tensorOf("float32", [2], [1, 2]) }], [1, 2])).toBeUndefined();
    expect(splitRows([{ name: "y", ...tensorOf("float32", [], [1]) }], [1, 2])).toBeUndefined();
  });
});
