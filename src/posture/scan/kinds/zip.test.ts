import { deflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { makeZip } from "../rules/make-zip.ts";
import { scanBytes } from "../index.ts";

/** A ZIP archive of one packed member that keeps its checksum for a descriptor behind it, and so has none where it is looked for. */
function withoutChecksum(packed: Uint8Array): Uint8Array {
  const bytes = makeZip([["a.txt", Buffer.from(packed).toString("latin1")]])().slice();
  const view = new DataView(bytes.buffer);
  const central = view.getUint32(bytes.length - 6, true);
  for (const at of [6, central + 8]) {
    view.setUint16(at, 8, true);
    view.setUint16(at + 2, 8, true);
    view.setUint32(at + 8, 0, true);
  }
  return bytes;
}

it("tells that a packed member breaks off where no checksum does", () => {
  const packed = new Uint8Array(deflateRawSync("words that mean nothing, words that mean no harm, ".repeat(20)));
  const memberOf = (bytes: Uint8Array) => scanBytes(withoutChecksum(bytes), "a.zip").find(({ path }) => path === "a.zip!a.txt");
  expect(memberOf(packed)?.findings).toEqual([]);
  expect(memberOf(packed.subarray(0, packed.length - 6))).toMatchObject({
    findings: [{ message: expect.stringContaining("its packed data is damaged: it ends in the middle") }],
  });
});
