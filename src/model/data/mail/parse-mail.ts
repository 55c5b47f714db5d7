/** Mails (RFC 5322, MIME), parsed by `postal-mime`. */

import { isModelkeepError } from "../../../base/error/index.ts";
import { malformed, tooLarge } from "../refuse.ts";
import { htmlToText } from "./html-text.ts";

/** A part of a mail that is no text. */
export interface MailPart {
  readonly type: string;
  readonly name: string | undefined;
  readonly bytes: Uint8Array;
}

export interface Mail {
  readonly subject: string;
  /** What a reader sees: the plain text, or the visible text of the HTML when there is no plain text. */
  readonly body: string;
  readonly html: string | undefined;
  readonly parts: readonly MailPart[];
}

const maxMailBytes = 2 ** 25;

/**
 * @param file how messages name it
 * @throws data/too-large over 32 MiB, data/malformed when it nests without end
 * @example
 * const { subject, body } = await parseMail(await readDataFile("0001.eml"), "0001.eml");
 */
export async function parseMail(bytes: Uint8Array, file = "mail"): Promise<Mail> {
  if (bytes.length > maxMailBytes) throw tooLarge(file, `${bytes.length} bytes are more than a mail has`, "leave it out");
  const { default: PostalMime } = await import("postal-mime");
  try {
    const parser = new PostalMime({ attachmentEncoding: "arraybuffer", maxNestingDepth: 64, maxHeadersSize: 2 ** 20 });
    const { subject = "", text, html, attachments } = await parser.parse(bytes);
    const body = text === undefined || text.trim() === "" ? htmlToText(html ?? "") : text;
    const parts = attachments.map(({ mimeType, filename, content }) => ({
      type: mimeType,
      name: filename ?? undefined,
      bytes: typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content),
    }));
    return { subject, body, html, parts };
  } catch (cause) {
    if (isModelkeepError(cause)) throw cause;
    throw malformed(file, `it is no readable mail (${cause instanceof Error ? cause.message.slice(0, 120) : "unreadable"})`);
  }
}

/**
 * The mails of a box: each begins with a line `From …` after an empty line, and `>From` inside a mail stands for `From` (RFC 4155).
 */
export function splitMbox(bytes: Uint8Array): readonly Uint8Array[] {
  // Latin-1 keeps each byte, whatever the letters of the mails are.
  const text = new TextDecoder("latin1").decode(bytes).replaceAll("\r\n", "\n");
  if (!text.startsWith("From ")) return [bytes];
  const starts = [...text.matchAll(/(?:^|\n\n)From [^\n]*\n/g)];
  return starts.map(({ index, 0: line }, i) => {
    const mail = text.slice(index + line.length, starts[i + 1]?.index ?? text.length).replace(/^>(>*From )/gm, "$1");
    return Uint8Array.from(mail, (letter) => latin1Byte(letter));
  });
}

/** The decoder above is Windows-1252 in truth (WHATWG Encoding, section 4.2): back by its table. */
const windows1252 = new Map(
  Array.from({ length: 256 }, (_, byte) => [new TextDecoder("latin1").decode(Uint8Array.of(byte)), byte]),
);
const latin1Byte = (letter: string): number => windows1252.get(letter) ?? 0x3f;
