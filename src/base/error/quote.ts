/**
 * Text from outside, made fit for one line of a message, log or terminal: control bytes, bidirectional
 * overrides and line breaks are escaped, so a client string can neither forge a log line nor drive a terminal.
 */

// C0, DEL, C1, zero-width and bidi controls, line/paragraph separators, BOM, and lone surrogates.
const unsafe =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Escapes what a terminal, a log or a spreadsheet could act on. `limit` is in UTF-16 units. */
export function escapeText(text: string, limit = 200): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(unsafe, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** User input inside a message: escaped, shortened, in backticks. */
export function quote(text: unknown, limit = 80): string {
  return `\`${escapeText(String(text), limit).replaceAll("`", "\\u0060")}\``;
}
