/** What a person sees of a mail: HTML without what styles hide, and Unicode without what has no shape. */

import { decodeEntities, htmlToText } from "../../../model/data/index.ts";
import { foldConfusables } from "./confusables.ts";
import type { MailView } from "./features.ts";
import { linksOf, marksOf } from "./look.ts";

/** What is seen of a mail before its pictures are read. */
export type VisibleMail = Required<Omit<MailView, "pictures">>;

const hidingStyle =
  /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0*(?:\.\d+)?(?:px|pt|em|rem|%)?\s*(?:;|$|!)|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt)|opacity\s*:\s*0*(?:\.0\d*)?\s*(?:;|$|!)|mso-hide\s*:\s*all|(?:max-)?(?:height|width)\s*:\s*0(?:px|pt|em|%)?\s*(?:;|$|!)|(?:left|top|text-indent)\s*:\s*-\d{3,}/i;
const tag = /<(\/?)([a-z][a-z0-9]{0,15})\b([^>]{0,4096})>/gi;
const empty = new Set(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"]);

/** Whether an element with these attributes is hidden: by style, by `hidden`, by letters of no size, or by white letters on a white page. */
export function isHidden(attributes: string): boolean {
  const style = /\bstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/i.exec(attributes)?.[1] ?? "";
  const bare = decodeEntities(style.replace(/^["']|["']$/g, "")).replace(/\/\*[\s\S]*?\*\//g, "");
  if (hidingStyle.test(bare)) return true;
  if (/(?:^|\s)hidden(?:\s|=|$|\/)/i.test(attributes.replace(/"[^"]*"|'[^']*'/g, ""))) return true;
  const white = /(?:#f[a-f]f[a-f]f[a-f]\b|#fff\b|\bwhite\b|rgb\(\s*25\d\s*,\s*25\d\s*,\s*25\d\s*\))/i;
  const colour =
    /(?:^|;)\s*color\s*:([^;]*)/i.exec(bare)?.[1] ?? /(?:^|\s)color\s*=\s*["']?([^\s"'>]+)/i.exec(attributes)?.[1] ?? "";
  const ground = /background(?:-color)?\s*:([^;]*)/i.exec(bare)?.[1];
  return white.test(colour) && (ground === undefined || white.test(ground));
}

/** HTML without comments and without elements that are hidden, whatever is in them. */
export function withoutHidden(html: string): string {
  const source = html.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  let out = "";
  let from = 0;
  // Depth of elements of the hidden one's name, so that its own end is found.
  let hidden: { name: string; depth: number } | undefined;
  for (const { index, 0: whole, 1: slash, 2: called, 3: attributes } of source.matchAll(tag)) {
    const name = called!.toLowerCase();
    if (hidden === undefined) {
      out += source.slice(from, index);
      if (slash === "" && !empty.has(name) && isHidden(attributes!)) hidden = { name, depth: 1 };
      else out += whole;
    } else if (name === hidden.name) {
      hidden.depth += slash === "" ? 1 : -1;
      if (hidden.depth === 0) hidden = undefined;
    }
    from = index + whole.length;
  }
  return hidden === undefined ? out + source.slice(from) : out;
}

/** Letters without width: joiners, marks of direction, soft hyphens, tags, variation selectors (Unicode's Default_Ignorable_Code_Point). */
const invisible = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/**
 * Text as it looks: NFKC, nothing invisible, letters of other scripts that look like Latin ones as those, no accents put upon letters to
 * break words, letters that spaces tear apart (`V I A G R A`) together.
 */
export function visibleText(text: string): string {
  const plain = foldConfusables(text.normalize("NFKC").replace(invisible, ""));
  return plain
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .replace(/(?<![\p{L}\p{N}])(?:\p{L}[ .\-_*]){3,}\p{L}(?![\p{L}\p{N}])/gu, (torn) => torn.replace(/[^\p{L}]/gu, ""));
}

/** A mail as a person sees it: its visible text, where its links lead and what its page is made of. */
export function visibleMail(mail: { subject: string; text: string; html: string | undefined }): VisibleMail {
  // The HTML is what programs show when there are both, and the plain part is where good words hide.
  const html = mail.html === undefined || mail.html.trim() === "" ? undefined : withoutHidden(mail.html);
  const body = visibleText(html === undefined ? mail.text : htmlToText(html));
  return {
    subject: visibleText(mail.subject),
    body,
    links: linksOf(html === undefined ? body : `${html} ${body}`),
    marks: html === undefined ? [] : marksOf(html),
  };
}
