/** One record of CSV (RFC 4180), out of text that may end before the record does. */

/** A record and where the next begins; or what is wrong with it; or undefined when more text is needed. */
export type Found =
  | { readonly cells: readonly string[]; readonly next: number; readonly lines: number }
  | { readonly wrong: string; readonly lines: number }
  | undefined;

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * @param last whether nothing follows the text
 */
export function readRecord(text: string, start: number, options: { readonly delimiter: string; readonly last: boolean }): Found {
  const delimiter = options.delimiter.charCodeAt(0);
  const cells: string[] = [];
  let at = start;
  let lines = 0;
  for (;;) {
    if (text.charCodeAt(at) === quote) {
      const quoted = readQuoted(text, at + 1, options.last);
      if (quoted === undefined) return options.last ? { wrong: "a quote is never closed", lines } : undefined;
      cells.push(quoted.cell);
      lines += quoted.lines;
      at = quoted.next;
      const follows = text.charCodeAt(at);
      const ends = Number.isNaN(follows) || follows === delimiter || follows === lineFeed || follows === carriageReturn;
      if (!ends) return { wrong: `\`${text.slice(at, at + 1)}\` follows a closing quote in field ${cells.length}`, lines };
    } else {
      const from = at;
      let code = text.charCodeAt(at);
      while (code !== delimiter && code !== lineFeed && code !== carriageReturn && code === code) {
        if (code === quote)
          return { wrong: `a quote stands inside field ${cells.length + 1}, which does not begin with one`, lines };
        code = text.charCodeAt(++at);
      }
      cells.push(text.slice(from, at));
    }
    const code = text.charCodeAt(at);
    if (code === delimiter) at++;
    else if (Number.isNaN(code)) return options.last ? { cells, next: at, lines } : undefined;
    else if (code === lineFeed) return { cells, next: at + 1, lines: lines + 1 };
    // A line may end in CR LF, or in CR alone; at the end of the text it cannot be told which.
    else if (at + 1 === text.length && !options.last) return undefined;
    else return { cells, next: text.charCodeAt(at + 1) === lineFeed ? at + 2 : at + 1, lines: lines + 1 };
  }
}

/** The rest of a quoted field; two quotes stand for one (RFC 4180, section 2.7). */
function readQuoted(text: string, start: number, last: boolean): { cell: string; next: number; lines: number } | undefined {
  for (let at = start; ;) {
    const end = text.indexOf('"', at);
    // A quote at the end of the text may be the first of two.
    if (end === -1 || (end + 1 === text.length && !last)) return undefined;
    if (text.charCodeAt(end + 1) !== quote) {
      const raw = text.slice(start, end);
      let lines = 0;
      for (let i = raw.indexOf("\n"); i !== -1; i = raw.indexOf("\n", i + 1)) lines++;
      return { cell: raw.includes('"') ? raw.replaceAll('""', '"') : raw, next: end + 1, lines };
    }
    at = end + 2;
  }
}
