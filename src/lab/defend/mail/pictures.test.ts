import { describe, expect, it } from "vitest";
import { fromBase64, picturesOf, stacked, stackStrips } from "./pictures.ts";

const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1);

describe("the pictures of a mail", () => {
  it("are known by their bytes, whatever their type says, and looked for in the HTML too", () => {
    const parts = [
      { type: "application/octet-stream", name: "a.bin", bytes: png },
      { type: "application/pdf", name: "b.pdf", bytes: Uint8Array.of(37, 80, 68, 70) },
      { type: "image/jpeg", name: undefined, bytes: Uint8Array.of(0xff, 0xd8, 0xff) },
    ];
    const html = `<img src="data:image/png;base64,iVBO\nRw%0A==">`;
    expect(picturesOf({ parts, html }).map(({ name }) => name)).toEqual(["a.bin", "picture 2", "picture 1 in the HTML"]);
    expect([...picturesOf({ parts: [], html })[0]!.bytes]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  });

  it("written in base64 never throw, whatever stands there", () => {
    for (const text of ["", "A", "AA", "AAA", "AAAAA", "====", "A=A=A"]) expect(fromBase64(text)).toBeInstanceOf(Uint8Array);
  });

  it("that are strips of one width are one picture; photographs are not", () => {
    const strip = (name: string, width: number, height: number) => ({
      name,
      pixels: { width, height, data: new Uint8Array(3 * width * height).fill(height) },
    });
    const stacks = stackStrips([
      strip("a", 100, 20),
      strip("b", 100, 30),
      strip("c", 90, 20),
      strip("d", 100, 90),
      strip("e", 100, 90),
    ]);
    expect(stacks.map((stack) => stack.map(({ name }) => name).join(""))).toEqual(["ab", "c", "d", "e"]);
    const whole = stacked(stacks[0]!.map(({ pixels }) => pixels));
    expect([whole.width, whole.height, whole.data.length, whole.data[0], whole.data.at(-1)]).toEqual([100, 50, 15_000, 20, 30]);
  });
});
