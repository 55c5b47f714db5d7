/** WordPiece as BERT has it: Devlin et al. 2019 (arXiv:1810.04805); the algorithm is greedy longest match first (Wu et al. 2016, section 4.1). */

/** What BERT's normaliser does, each on its own. */
export interface BertNormal {
  readonly cleanText: boolean;
  readonly spaceHan: boolean;
  readonly stripAccents: boolean;
  readonly lowercase: boolean;
}

const han =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;

export function bertNormal(text: string, { cleanText, spaceHan, stripAccents, lowercase }: BertNormal): string {
  let out = text;
  // Control letters go, white space becomes a space.
  if (cleanText)
    out = out
      .replace(/[\t\n\r]/g, " ")
      .replace(/[\p{Cc}\p{Cf}\p{Co}\ufffd]/gu, "")
      .replace(/\s/gu, " ");
  if (spaceHan) out = out.replace(han, " $& ");
  if (stripAccents) out = out.normalize("NFD").replace(/\p{Mn}/gu, "");
  return lowercase ? out.toLowerCase() : out;
}

/** Words and single signs: BERT counts all of ASCII that is no letter or digit as punctuation. */
export const bertWords = (text: string): readonly string[] => text.match(/[!-/:-@[-`{-~]|\p{P}|[^\s!-/:-@[-`{-~\p{P}]+/gu) ?? [];

/** The pieces of one word, or undefined when the vocabulary cannot spell it. */
export function wordPieces(
  word: string,
  vocabulary: ReadonlyMap<string, number>,
  { prefix, maxLength }: { prefix: string; maxLength: number },
): number[] | undefined {
  const letters = Array.from(word);
  if (letters.length > maxLength) return undefined;
  const found: number[] = [];
  for (let from = 0; from < letters.length;) {
    let to = letters.length;
    let id: number | undefined;
    for (; to > from; to--) {
      id = vocabulary.get((from > 0 ? prefix : "") + letters.slice(from, to).join(""));
      if (id !== undefined) break;
    }
    if (id === undefined) return undefined;
    found.push(id);
    from = to;
  }
  return found;
}
