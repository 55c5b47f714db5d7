import { describe, expect, it } from "vitest";
import { mailVector, mailVectorSize } from "./features.ts";
import { visibleMail } from "./visible.ts";

const seen = visibleMail({
  subject: "Cheap watches",
  text: "",
  html: '<p>Buy these <b>excellent</b> watches at <a href="http://shop.example.com/a?b=1">our shop</a> today</p>',
});
const lengthOf = (numbers: Float32Array) => Math.hypot(...numbers);
/** Pieces of words, words, links, look: where each kind has its places. */
const kinds = [
  [0, 16_384, 1],
  [16_384, 24_576, 1],
  [24_576, 28_672, 0.5],
  [28_672, 32_768, 0.5],
] as const;
const differing = (a: Float32Array, b: Float32Array) =>
  kinds.map(([from, to]) => a.subarray(from, to).some((value, i) => value !== b[from + i]));

describe("the vector of a mail", () => {
  it("gives each kind of feature places and a length of its own", () => {
    const vector = mailVector(seen);
    expect(vector.length).toBe(mailVectorSize);
    for (const [from, to, weight] of kinds) expect(lengthOf(vector.subarray(from, to))).toBeCloseTo(weight, 5);
  });

  it("knows where links lead, and counts a page's looks beside its words", () => {
    const { subject, body } = seen;
    expect(differing(mailVector(seen), mailVector({ ...seen, links: ["shop.example.org"] }))).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(differing(mailVector(seen), mailVector({ ...seen, marks: [] }))).toEqual([false, false, false, true]);
    expect(lengthOf(mailVector({ subject, body }).subarray(24_576, 28_672))).toBe(0);
  });

  it("tells a message in a picture from the same message in letters, and a picture without words from none", () => {
    const letters = mailVector(seen);
    expect(differing(letters, mailVector({ ...seen, pictures: [{ text: seen.body }] }))).toEqual([false, false, false, true]);
    expect(differing(letters, mailVector({ ...seen, pictures: [{ text: "" }] }))).toEqual([false, false, false, true]);
  });

  it("is the same whatever the numbers of one length are", () => {
    expect(mailVector({ subject: "", body: "pay 1234 now" })).toEqual(mailVector({ subject: "", body: "pay 9876 now" }));
  });

  it("is made of the most hostile mail in the time of a long one", () => {
    const vector = mailVector({ subject: "x".repeat(2e6), body: "A1!".repeat(1e6), links: ["..", ""], marks: [""] });
    expect(vector.every(Number.isFinite)).toBe(true);
  });
});
