/** A mail as a vector: what the spam filter's model takes. The same in training, in the gateway and in a browser. */

import { hashedVector } from "../../../model/data/index.ts";

/** Numbers of the vector. */
export const mailVectorSize = 16_384;

/** Words of a long mail that count; its beginning says what it wants. */
const maxWords = 1500;
const maxLetters = 100_000;

/**
 * Letters in a row inside words, three to five of them, of subject and body, each hashed on its own: half of a torn or misread word is still
 * known, as it is in pictures. Addresses are all alike, and numbers are told apart by their length alone: the ones that a filter learns by
 * heart are those that the next sender changes.
 */
export function mailVector({ subject, body }: { subject: string; body: string }): Float32Array {
  return hashedVector([...featuresOf("s", subject), ...featuresOf("b", body)], { size: mailVectorSize });
}

function* featuresOf(part: string, text: string): Generator<string> {
  const bare = text
    .slice(0, maxLetters)
    .replace(/https?:\/\/\S+|www\.\S+/gi, " httpaddr ")
    .replace(/\S+@\S+/g, " mailaddr ");
  // How loud it is: words all in capitals, by their place among the same words.
  for (const loud of bare.match(/(?<![\p{L}\p{N}])\p{Lu}{3,20}(?![\p{L}\p{N}])/gu)?.slice(0, 200) ?? []) {
    yield `${part}:loud ${loud.toLowerCase()}`;
  }
  const words = bare.toLowerCase().match(/\p{L}+|\p{N}+|[!$%?]+/gu) ?? [];
  for (const word of words.slice(0, maxWords)) {
    const bounded = /^\p{N}/u.test(word) ? `<number${Math.min(word.length, 6)}>` : `<${word.slice(0, 24)}>`;
    for (let letters = 3; letters <= 5; letters++) {
      for (let at = 0; at + letters <= bounded.length; at++) yield `${part}#${bounded.slice(at, at + letters)}`;
    }
  }
}
