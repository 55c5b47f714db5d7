import { defineMailAttack, eachWord } from "./mail.ts";

/** Letters of Cyrillic that no one tells from Latin ones (Unicode Technical Report 36, section 2). */
const like: Readonly<Record<string, string>> = {
  a: "а",
  c: "с",
  e: "е",
  i: "і",
  j: "ј",
  o: "о",
  p: "р",
  s: "ѕ",
  x: "х",
  y: "у",
  A: "А",
  B: "В",
  C: "С",
  E: "Е",
  H: "Н",
  I: "І",
  K: "К",
  M: "М",
  O: "О",
  P: "Р",
  T: "Т",
  X: "Х",
};

/** Half of the letters that have a twin in another script, at least one a word. Boucher et al. 2022, "Bad Characters" (arXiv:2106.09898). */
export const homoglyphs = defineMailAttack({
  id: "homoglyphs",
  title: "Letters of another script that look the same",
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.2106.09898"],
  change({ subject, text }, rng) {
    const swap = (word: string): string => {
      const places = Array.from(word, (letter, i) => (like[letter] === undefined ? -1 : i)).filter((i) => i >= 0);
      const sure = places[rng.below(Math.max(places.length, 1))];
      return Array.from(word, (letter, i) => (i === sure || rng.below(2) === 0 ? (like[letter] ?? letter) : letter)).join("");
    };
    return { subject: eachWord(subject, swap), text: eachWord(text, swap), html: undefined };
  },
});
