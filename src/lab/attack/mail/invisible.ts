import { defineMailAttack, eachWord } from "./mail.ts";

/** Zero-width space, non-joiner, joiner, word joiner, soft hyphen. */
const unseen = ["\u200b", "\u200c", "\u200d", "\u2060", "\u00ad"];

/** A letter without width inside each word: what a program cuts into words is no longer the word. Boucher et al. 2022 (arXiv:2106.09898). */
export const invisible = defineMailAttack({
  id: "invisible",
  title: "Letters without width inside words",
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.2106.09898"],
  change({ subject, text }, rng) {
    const split = (word: string): string => {
      const at = 1 + rng.below(word.length - 1);
      return word.slice(0, at) + unseen[rng.below(unseen.length)] + word.slice(at);
    };
    return { subject: eachWord(subject, split), text: eachWord(text, split), html: undefined };
  },
});
