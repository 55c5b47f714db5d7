/** Nearest names among untrusted ones, at a bounded price. */
import { nearest, quote } from "../../base/error/index.ts";

/** Longer names are no typos, and comparing them costs the product of their lengths. */
const maxLength = 64;
const maxCandidates = 2000;

/** The name that was probably meant, quoted; undefined when nothing is near or looking would cost too much. */
export function near(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > maxLength) return undefined;
  const short: string[] = [];
  for (const candidate of candidates) {
    if (short.length >= maxCandidates) return undefined;
    if (candidate.length <= maxLength) short.push(candidate);
  }
  const found = nearest(word, short);
  return found === undefined ? undefined : quote(found);
}
