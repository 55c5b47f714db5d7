/** Requests that two HTTP implementations may cut at different places: each hides a second request behind the first. */

export interface SmugglingOptions {
  readonly key: string;
  /** Of a body that the model takes. */
  readonly body: string;
}

/** Raw requests by what is odd about them (RFC 9112 §6.3, §11.2; the TE.CL, CL.TE and CL.0 families). */
export function smugglingCorpus({ key, body }: SmugglingOptions): Readonly<Record<string, string>> {
  const auth = `Authorization: Bearer ${key}`;
  const hidden = `GET /v2/models/hidden HTTP/1.1\r\nHost: hidden\r\n${auth}\r\n\r\n`;
  const post = (...fields: string[]): string =>
    `POST /v2/models/digits/infer HTTP/1.1\r\nHost: a\r\n${auth}\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
  const get = (...fields: string[]): string =>
    `GET /v2 HTTP/1.1\r\nHost: a\r\n${auth}\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
  const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const te = "Transfer-Encoding: chunked";
  const cl = (size: number): string => `Content-Length: ${size}`;
  return {
    "CL.TE": post(cl(6), te) + `0\r\n\r\n${hidden}`,
    "TE.CL": post(te, cl(4)) + `5c\r\n${hidden}\r\n0\r\n\r\n`,
    "chunked and well formed": post(te) + chunk + hidden,
    "two equal lengths": post(cl(2), cl(2)) + `{}${hidden}`,
    "two different lengths": post(cl(2), cl(2 + hidden.length)) + `{}${hidden}`,
    "a list of lengths": post("Content-Length: 2, 2") + `{}${hidden}`,
    "a length with a sign": post("Content-Length: +2") + `{}${hidden}`,
    "a hexadecimal length": post("Content-Length: 0x2") + `{}${hidden}`,
    "a length with a blank before the colon": post("Content-Length : 2") + `{}${hidden}`,
    "a length beyond 2^64": post("Content-Length: 18446744073709551618") + `{}${hidden}`,
    "an empty length": post("Content-Length:") + hidden,
    "a length on a GET": get(cl(hidden.length)) + hidden,
    "no length": post() + hidden,
    "a length of 0": post(cl(0)) + hidden,
    "bare LF between fields": `GET /v2 HTTP/1.1\r\nHost: a\nX: b\r\n${auth}\r\n\r\n${hidden}`,
    "bare LF everywhere": get().replaceAll("\r\n", "\n") + hidden,
    "bare LF at the end": get().replace(/\r\n\r\n$/, "\r\n\n") + hidden,
    "a bare CR in a field": get("X: a\rContent-Length: 40") + hidden,
    "a NUL in a field": get("X: a\0b") + hidden,
    "a folded field": post("X: a\r\n Content-Length: 2", cl(2)) + `{}${hidden}`,
    "a folded coding": post("Transfer-Encoding:\r\n chunked") + chunk + hidden,
    "an unknown coding": post("Transfer-Encoding: xchunked") + chunk + hidden,
    "a coding with a vertical tab": post("Transfer-Encoding: \x0bchunked") + chunk + hidden,
    "a coding with a tab": post("Transfer-Encoding:\tchunked") + chunk + hidden,
    "a coding in quotes": post('Transfer-Encoding: "chunked"') + chunk + hidden,
    "a coding in capitals": post("Transfer-Encoding: CHUNKED") + chunk + hidden,
    "chunked before identity": post("Transfer-Encoding: chunked, identity") + chunk + hidden,
    "chunked twice": post(te, te) + chunk + hidden,
    "chunked in HTTP/1.0": post(te).replace("HTTP/1.1", "HTTP/1.0") + chunk + hidden,
    "a coding with a blank before the colon": post("Transfer-Encoding : chunked", cl(2)) + `{}${hidden}`,
    "a coding under an odd name": post("Transfer\x0bEncoding: chunked", cl(2)) + `{}${hidden}`,
    "a coding with an underscore": post("Transfer_Encoding: chunked", cl(2)) + `{}${hidden}`,
    "chunk sizes with bare LF": post(te) + chunk.replaceAll("\r\n", "\n") + hidden,
    "a chunk extension with LF": post(te) + `2;\n{}\r\n0\r\n\r\n${hidden}`,
    "a chunk size in 0x form": post(te) + `0x2\r\n{}\r\n0\r\n\r\n${hidden}`,
    "a chunk size beyond 2^64": post(te) + `10000000000000002\r\n{}\r\n0\r\n\r\n${hidden}`,
    "trailers that hide a length": post(te) + chunk.replace("0\r\n\r\n", `0\r\n${cl(50)}\r\n\r\n`) + hidden,
    "a wish to go on first": post(cl(body.length), "Expect: 100-continue") + body + hidden,
    "a wish that cannot be": post(cl(2), "Expect: 200-ok") + `{}${hidden}`,
    "an upgrade to HTTP/2":
      get("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA") + hidden,
    "an upgrade to WebSocket":
      get(
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      ) + hidden,
    "a length named hop by hop": post(cl(2), "Connection: close, content-length") + `{}${hidden}`,
    "the preface of HTTP/2": `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`,
    "an absolute target": `GET http://elsewhere/v2 HTTP/1.1\r\nHost: a\r\n${auth}\r\n\r\n${hidden}`,
    "two hosts": get("Host: b") + hidden,
    "two requests, both good": get() + get(),
    "three requests, one with a body": get() + post(cl(body.length)) + body + get(),
  };
}
