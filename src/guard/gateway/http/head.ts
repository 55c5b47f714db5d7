import type { IncomingMessage } from "node:http";
import { ModelkeepError, quote, type ErrorCode } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/** The longest path here has two names of 64 characters; 2 KiB leaves room for percent-encoding. */
const maxUrlLength = 2048;

/**
 * Fields that decide who asks, for what, and where the body ends. Two of one kind can be read in two ways, by us and by a proxy
 * in front of us, so they are refused, not merged (RFC 9110 §5.3, RFC 9112 §11.2).
 */
const single = new Set([
  "authorization",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "inference-header-content-length",
  "traceparent",
  "transfer-encoding",
]);

/**
 * What Node's parser lets pass but we do not. The parser itself (llhttp in strict mode) has refused bare CR and LF, folded fields,
 * `Transfer-Encoding` beside `Content-Length`, and malformed lengths and chunk sizes.
 */
export function checkHead(request: IncomingMessage, maxFields: number): ModelkeepError | undefined {
  const { rawHeaders, headers, url = "" } = request;
  if (request.httpVersionMajor !== 1) {
    return refusal("gateway/unsupported-version", 505, `HTTP/${request.httpVersion} is not spoken here`, "use HTTP/1.1");
  }
  if (url.length > maxUrlLength) {
    return refusal("gateway/url-too-long", 414, `the URL has ${url.length} characters`, `use at most ${maxUrlLength}`);
  }
  if (url.charCodeAt(0) !== 47 /* "/" */) {
    return refusal(
      "gateway/malformed-request",
      400,
      `the request target ${quote(url)} is not a path`,
      "send `GET /path HTTP/1.1`",
    );
  }
  if (rawHeaders.length > 2 * maxFields) {
    return refusal(
      "gateway/head-too-large",
      431,
      `the request has ${rawHeaders.length / 2} header fields`,
      `send at most ${maxFields}`,
    );
  }
  if (headers.host === undefined && request.httpVersionMinor === 1) {
    return refusal("gateway/malformed-request", 400, "the request has no Host header", "send `Host`: RFC 9112 §3.2");
  }
  return repeatedField(rawHeaders) ?? checkBodyFraming(request) ?? checkExpectation(headers.expect);
}

function repeatedField(rawHeaders: readonly string[]): ModelkeepError | undefined {
  let seen: string[] | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    if (!single.has(name)) continue;
    if (seen?.includes(name)) {
      return refusal("gateway/ambiguous-request", 400, `the header ${quote(name)} is given twice`, "send it once");
    }
    (seen ??= []).push(name);
  }
  return undefined;
}

function checkBodyFraming(request: IncomingMessage): ModelkeepError | undefined {
  const { "transfer-encoding": transfer, "content-encoding": content } = request.headers;
  if (transfer !== undefined) {
    if (request.httpVersionMinor === 0) {
      const hint = "send Content-Length, or use HTTP/1.1";
      return refusal("gateway/ambiguous-request", 400, "Transfer-Encoding has no meaning in HTTP/1.0", hint); // RFC 9112 §6.1
    }
    if (transfer.toLowerCase() !== "chunked") {
      return refusal(
        "gateway/unsupported-coding",
        501,
        `the transfer coding ${quote(transfer)} is not read`,
        "send the body as it is",
      );
    }
  }
  // Nothing is decompressed before it is authorised, and little JSON is worth it: a small body that inflates is an attack.
  if (content !== undefined && content.toLowerCase() !== "identity") {
    return refusal(
      "gateway/unsupported-coding",
      415,
      `the content coding ${quote(content)} is not read`,
      "send the body uncompressed",
    );
  }
  return undefined;
}

function checkExpectation(expect: string | undefined): ModelkeepError | undefined {
  if (expect === undefined || expect.toLowerCase() === "100-continue") return undefined;
  return refusal("gateway/unsupported-expectation", 417, `the expectation ${quote(expect)} is not met here`, "leave out Expect");
}

function refusal(code: ErrorCode, status: number, message: string, hint: string): ModelkeepError {
  return new ModelkeepError(code, { message, hint, status });
}
