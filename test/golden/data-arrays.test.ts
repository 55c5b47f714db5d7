import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openNpz, readNpy, writeNpy } from "../../src/model/data/index.ts";

interface Golden {
  readonly name: string;
  readonly file: string;
  readonly type: string;
  readonly dims: number[];
  readonly hex?: string;
  readonly strings?: string[];
  /** numpy wrote it as we would. */
  readonly canonical?: boolean;
}
const golden = JSON.parse(readFileSync(new URL("../interop/python/golden_arrays.json", import.meta.url), "utf8")) as {
  cases: Golden[];
  archives: { name: string; file: string }[];
  refused: { name: string; file: string; says: string }[];
};

describe("arrays that numpy wrote", () => {
  it("are all there", () => expect(golden.cases.length).toBeGreaterThan(50));

  it.for(golden.cases)("are read: $name", ({ file, type, dims, hex, strings }) => {
    const found = readNpy(Buffer.from(file, "base64"));
    expect(found).toMatchObject({ type, dims });
    expect(Buffer.from(found.data).toString("hex")).toBe(hex ?? "");
    expect(found.strings).toEqual(strings);
  });

  it.for(golden.cases.filter(({ canonical }) => canonical))("are written byte for byte: $name", ({ file }) => {
    const bytes = Buffer.from(file, "base64");
    expect(Buffer.from(writeNpy(readNpy(bytes))).equals(bytes)).toBe(true);
  });

  it.for(golden.refused)("are refused when no model takes them: $name", ({ file, says }) => {
    expect(() => readNpy(Buffer.from(file, "base64"), "x.npy")).toThrow(
      expect.objectContaining({ code: "data/unsupported", message: expect.stringContaining(says), hint: expect.any(String) }),
    );
  });
});

describe("archives that numpy and Python wrote", () => {
  it.for(golden.archives)("are read: $name", async ({ file }) => {
    const archive = openNpz(Buffer.from(file, "base64"));
    expect(archive.names).toEqual(["x", "y"]);
    const x = await archive.read("x");
    expect(x).toMatchObject({ type: "float32", dims: [2, 3] });
    expect([...new Float32Array(x.data.buffer, x.data.byteOffset, 6)]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await archive.read("y")).toEqual({ type: "int64", dims: [1000], data: new Uint8Array(8000) });
  });
});
