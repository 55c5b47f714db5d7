/** The abstract unpickler beside CPython's `pickletools`, `_pickle.c` and `pickle.py`. Needs Python 3.11 to 3.13; no network. `STREAMS` runs more. */
import { describe, expect, it } from "vitest";
import { compareUnpicklers } from "../helpers/unpickler.ts";

describe("the abstract unpickler", () => {
  it("imports, calls, changes, ends and answers as CPython's own two on fuzzed streams", () => {
    const streams = Number(process.env["STREAMS"] ?? 10_000);
    const { compared, succeeded, different } = compareUnpicklers("python3", 77, streams);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(streams * 1.9);
    // A fuzzer whose streams all break off at once compares nothing.
    expect(succeeded).toBeGreaterThan(streams / 20);
  });
});
