/** Writes a mail with pictures (MIME: RFC 2045, 2046; inline pictures: RFC 2387). */

/** A picture in a mail, which its HTML names as `cid:<id>`. */
export interface SentPicture {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

export interface MimeParts {
  readonly subject: string;
  readonly text: string;
  readonly html: string | undefined;
  readonly pictures: readonly SentPicture[];
  /** What keeps the parts apart; base64 never holds a hyphen, so that it cannot be met inside one. */
  readonly boundary: string;
}

/** The mail's bytes. */
export function mimeMail({ subject, text, html, pictures, boundary }: MimeParts): Uint8Array {
  const part = (head: readonly string[], bytes: Uint8Array): string =>
    [`--${boundary}`, ...head, "Content-Transfer-Encoding: base64", "", base64Lines(bytes)].join("\r\n");
  const inner = `${boundary}-text`;
  const written = [
    ["text/plain", text],
    ["text/html", html],
  ].filter((one): one is [string, string] => one[1] !== undefined);
  const alternatives = written.map(([type, content]) =>
    part([`Content-Type: ${type}; charset=utf-8`], utf8(content)).replace(`--${boundary}`, `--${inner}`),
  );
  const lines = [
    `Subject: =?utf-8?B?${toBase64(utf8(subject))}?=`,
    "MIME-Version: 1.0",
    `Content-Type: multipart/related; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    `Content-Type: multipart/alternative; boundary="${inner}"`,
    "",
    ...alternatives,
    `--${inner}--`,
    ...pictures.map(({ id, name, type, bytes }) =>
      part(
        [`Content-Type: ${type}; name="${name}"`, `Content-ID: <${id}>`, `Content-Disposition: inline; filename="${name}"`],
        bytes,
      ),
    ),
    `--${boundary}--`,
    "",
  ];
  return utf8(lines.join("\r\n"));
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8190) text += btoa(String.fromCharCode(...bytes.subarray(at, at + 8190)));
  return text;
}

/** Lines of 76 letters, as RFC 2045 wants. */
const base64Lines = (bytes: Uint8Array): string => toBase64(bytes).replace(/.{76}/g, "$&\r\n");
