/** Letters of other scripts that look like Latin ones, as those (Unicode Technical Standard 39, section 4). */

import { confusables } from "./confusables-table.ts";

const folded = new Map(
  Object.entries(confusables).flatMap(([letter, like]) => Array.from(like, (one) => [one, letter] as const)),
);

/**
 * Folds words that pretend to be Latin: those in which a Latin letter stands, and those whose every letter looks like one. Russian and Greek
 * words, which hold other letters too, stay as they are.
 * @example foldConfusables("рауmеnt"); // "payment"
 */
export function foldConfusables(text: string): string {
  return text.replace(/[\p{L}\p{N}\p{M}]+/gu, (word) => {
    if (/^[A-Za-z0-9]*$/.test(word)) return word;
    const letters = Array.from(word);
    const pretends = /[A-Za-z]/.test(word) || letters.every((letter) => folded.has(letter));
    return pretends ? letters.map((letter) => folded.get(letter) ?? letter).join("") : word;
  });
}
