/** Byte-pair encoding: Sennrich et al. 2016 (arXiv:1508.07909); over bytes as GPT-2 has it (Radford et al. 2019). */

/** GPT-2's letters for the 256 bytes: printable ones stand for themselves, the others follow U+0100. */
export const byteLetters: readonly string[] = (() => {
  let next = 0;
  const isPlain = (b: number): boolean => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(isPlain(b) ? b : 256 + next++));
})();

/** GPT-2's cut of a text into words, before merging. */
export const gpt2Words = (text: string): readonly string[] =>
  text.match(/'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu) ?? [];

/** Merges the pair of lowest rank, again and again, until none is left; of equal pairs the first. */
export function mergePairs(word: readonly string[], ranks: ReadonlyMap<string, number>): readonly string[] {
  let parts = [...word];
  for (;;) {
    let best = -1;
    let lowest = Infinity;
    for (let i = 0; i + 1 < parts.length; i++) {
      const rank = ranks.get(`${parts[i]} ${parts[i + 1]}`);
      if (rank !== undefined && rank < lowest) [best, lowest] = [i, rank];
    }
    if (best === -1) return parts;
    parts = [...parts.slice(0, best), parts[best]! + parts[best + 1]!, ...parts.slice(best + 2)];
  }
}
