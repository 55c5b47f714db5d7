import { createSeeded } from "../../../base/math/index.ts";
import { goodWords } from "./good-words.ts";
import { defineMailAttack, escapeHtml } from "./mail.ts";

/** Ways to put something into a page that nobody sees. */
const hiding = [
  'style="display:none"',
  'style="font-size:0"',
  'style="visibility:hidden;height:0"',
  'style="color:#ffffff;font-size:1px"',
  "hidden",
  'style="position:absolute;left:-9999px"',
];

/** Words torn by comments and by hidden letters, and hidden good words; the page shows the message alone. Graham-Cumming 2003, "The spammers' compendium". */
export const htmlTricks = defineMailAttack({
  id: "html-tricks",
  title: "Comments and hidden text inside HTML",
  references: ["atlas:AML.T0043", "Graham-Cumming, The Spammers' Compendium, 2003"],
  change({ subject, text }, rng) {
    const tear = (word: string): string => {
      const at = 1 + rng.below(word.length - 1);
      const between =
        rng.below(2) === 0
          ? `<!-- ${rng.below(1000)} -->`
          : `<span ${hiding[rng.below(hiding.length)]}>${"qzxvk"[rng.below(5)]}</span>`;
      return word.slice(0, at) + between + word.slice(at);
    };
    const body = escapeHtml(text).replace(/&[a-z]+;|[A-Za-z]{4,}/g, (word) => (word.startsWith("&") ? word : tear(word)));
    const { text: added } = goodWords.change({ subject: "", text: "", html: undefined }, createSeeded(rng.uint32()));
    const page = `<html><body><pre>${body}</pre><div ${hiding[rng.below(hiding.length)]}>${added}</div></body></html>`;
    return { subject, text: added, html: page };
  },
});
