/** What a mail program shows besides words: where links and pictures lead, and what the page is made of. */

import { decodeEntities } from "../../../model/data/index.ts";

/** More are not looked at: a mail of a thousand links says what it is with the first of them. */
const maxLinks = 60;
const maxLetters = 1_000_000;

/** Hosts that a mail's links and remote pictures lead to, in their order, without what stands before an `@` or after a colon. */
export function linksOf(text: string): string[] {
  const found = text.slice(0, maxLetters).matchAll(/\bhttps?:(?:\/|&#(?:47|x2f);){2}([^\s"'<>/?\\]{1,255})/gi);
  const hosts: string[] = [];
  for (const { 1: place } of found) {
    const host = decodeEntities(place!).toLowerCase().split("@").at(-1)!.split(":")[0]!.replace(/\.+$/, "");
    if (host !== "") hosts.push(host);
    if (hosts.length === maxLinks) break;
  }
  return hosts;
}

/** Elements whose mere presence is seen. */
const telling = ["font", "table", "form", "input", "center", "hr", "ul", "b", "strong", "big", "marquee", "map", "style"];

/** What a page is made of, as short marks; none for a mail without HTML. `html` is what is shown of it, hidden elements left out. */
export function marksOf(html: string): string[] {
  const bare = html.slice(0, maxLetters);
  const count = (of: RegExp): number => bare.match(of)?.length ?? 0;
  const marks = [
    "html",
    `links ${size(count(/<a\b[^>]{0,200}\bhref/gi))}`,
    `remote ${size(count(/<img\b[^>]{0,300}\bsrc\s*=\s*["']?http/gi))}`,
  ];
  for (const name of telling) if (new RegExp(`<${name}[\\s>]`, "i").test(bare)) marks.push(name);
  if (/\b(?:bg)?color\s*[=:]/i.test(bare)) marks.push("coloured");
  if (/\bsize\s*=\s*["']?\+?[3-7]/i.test(bare)) marks.push("large letters");
  return marks;
}

/** The order of magnitude of a number: how many bits it has. */
export const size = (count: number): number => 32 - Math.clz32(count);
