/** The text of an HTML mail, without its markup; hidden parts are kept, because a plain reader of mails does not know styles. */

// Lengths of tags are bounded, so that a thousand tags that never end do not take a thousand times the text.
const dropped = /<(script|style|head|title|template)\b[^>]{0,4096}>[\s\S]*?(?:<\/\1\s*>|$)/gi;
const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  copy: "©",
  reg: "®",
  trade: "™",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  bull: "•",
  euro: "€",
  pound: "£",
  yen: "¥",
  cent: "¢",
  middot: "·",
  shy: "\u00ad",
  zwnj: "\u200c",
  zwj: "\u200d",
};

/** @example htmlToText("<p>Buy&nbsp;<b>now</b></p>"); // "Buy now" */
export function htmlToText(html: string): string {
  const bare = html
    .replace(/<!--[\s\S]*?(?:-->|$)/g, "")
    .replace(dropped, " ")
    .replace(/<(?:br|\/?(?:p|div|tr|li|h[1-6]|table|ul|ol|blockquote|hr|td|th))\b[^>]{0,4096}>/gi, "\n")
    .replace(/<[a-z/!?][^>]*(?:>|$)/gi, "");
  return decodeEntities(bare)
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n[ \n]*/g, "\n")
    .trim();
}

/** Character references (HTML, section 13.5), the commonest names and all numbers. */
export function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));?/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? entities[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : "\ufffd";
    },
  );
}
