/** A mail as a vector: what the spam filter's model takes. The same in training, in the gateway and in a browser. */

import { hashedVector, wordsOf } from "../../../model/data/index.ts";

/** Numbers of the vector. */
export const mailVectorSize = 8192;

/** Words of a long mail that count; its beginning says what it wants. */
const maxWords = 1500;

/**
 * Words and pairs of words of subject and body, each kind hashed on its own. Addresses and numbers are told apart by their kind alone: the
 * ones a filter learns by heart are those that the next sender changes.
 */
export function mailVector({ subject, body }: { subject: string; body: string }): Float32Array {
  const features: string[] = [];
  addWords("s", subject, features);
  addWords("b", body, features);
  return hashedVector(features, { size: mailVectorSize });
}

function addWords(part: string, text: string, features: string[]): void {
  const bare = text
    .slice(0, 100_000)
    .replace(/https?:\/\/\S+|www\.\S+/gi, " httpaddr ")
    .replace(/\S+@\S+/g, " mailaddr ");
  // How loud it is: words all in capitals, by their place among the same words.
  for (const loud of bare.match(/(?<![\p{L}\p{N}])\p{Lu}{3,20}(?![\p{L}\p{N}])/gu)?.slice(0, 200) ?? [])
    features.push(`${part}:loud ${loud.toLowerCase()}`, `${part}:loud`);
  const words = wordsOf(bare).slice(0, maxWords).map(kindOfWord);
  let before = "";
  for (const word of words) {
    features.push(`${part}:${word}`);
    if (before !== "") features.push(`${part}:${before} ${word}`);
    before = word;
  }
}

function kindOfWord(word: string): string {
  if (!/\d/.test(word)) return word.slice(0, 24);
  return /^\d+$/.test(word) ? `number${Math.min(word.length, 5)}` : "mixed";
}
