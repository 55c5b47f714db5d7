/** What the headers of an inference request promise about its body, judged before a byte of it is read. */
import { quote } from "../../../base/error/index.ts";
import type { ProtocolLimits } from "./limits.ts";
import { refuse } from "./refuse.ts";

/** A body that may be read: how long it is, and how much of it is the JSON part at its beginning. */
export interface BodyPlan {
  /** Length of the whole body, in bytes. */
  readonly bodyBytes: number;
  /** Length of the JSON part, in bytes; what follows are the sections of binary tensors. */
  readonly jsonBytes: number;
}

/** Headers by lower-case name, as Node's `IncomingMessage` has them. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

const mediaTypes: ReadonlySet<string> = new Set([
  "application/json",
  "application/octet-stream",
  "application/x-www-form-urlencoded", // what `curl -d` says of any body unless it is told otherwise
]);

/**
 * Judges the headers that frame the body. The result gives the bytes to charge for and the buffer to allocate.
 *
 * @throws `gateway/length-required`, `gateway/bad-header`, `gateway/unsupported-media-type`, `gateway/body-too-large`
 * @example
 * const plan = planBody(request.headers, limits);
 * const reader = createBodyReader(plan);
 */
export function planBody(headers: RequestHeaders, limits: ProtocolLimits): BodyPlan {
  checkMedia(headers);
  const bodyBytes = readLength(headers, "content-length");
  if (bodyBytes === undefined || headers["transfer-encoding"] !== undefined) {
    throw refuse(
      "gateway/length-required",
      "the request does not say how long its body is",
      "send a Content-Length instead of a chunked body; limits are charged by it before the body is read",
      411,
    );
  }
  if (bodyBytes > limits.maxBodyBytes) throw tooLarge("body", bodyBytes, limits.maxBodyBytes);
  const declared = readLength(headers, "inference-header-content-length");
  if (declared !== undefined && declared > bodyBytes) {
    throw refuse(
      "gateway/bad-header",
      `Inference-Header-Content-Length is ${declared}, but the whole body has ${bodyBytes} bytes`,
      "set it to the length of the JSON part, which comes first in the body",
    );
  }
  const jsonBytes = declared ?? bodyBytes;
  if (jsonBytes > limits.maxJsonBytes) throw tooLarge("JSON part of the body", jsonBytes, limits.maxJsonBytes);
  return { bodyBytes, jsonBytes };
}

function checkMedia(headers: RequestHeaders): void {
  const type = headers["content-type"];
  // tritonclient sends no type at all.
  if (type !== undefined && !mediaTypes.has(mediaTypeOf(type))) {
    throw refuse(
      "gateway/unsupported-media-type",
      `the body is of type ${quote(type)}`,
      "send `content-type: application/json`, or `application/octet-stream` with binary tensors",
      415,
    );
  }
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw refuse(
      "gateway/unsupported-media-type",
      `the body is encoded as ${quote(encoding)}`,
      "send it uncompressed: a compressed body can be a decompression bomb, and tensors compress poorly",
      415,
    );
  }
}

function mediaTypeOf(header: string | string[]): string {
  const text = String(header);
  const end = text.indexOf(";");
  return (end === -1 ? text : text.slice(0, end)).trim().toLowerCase();
}

// Digits only: `Number` would also take " 5 ", "0x5", "5e3" and "". Two headers, which Node joins with a comma, fail here too.
const digits = /^[0-9]{1,15}$/;

function readLength(headers: RequestHeaders, name: string): number | undefined {
  const text = headers[name];
  if (text === undefined) return undefined;
  if (typeof text === "string" && digits.test(text)) return Number(text);
  throw refuse(
    "gateway/bad-header",
    `the header ${name} is ${quote(text)}`,
    "send it once, as a whole number of bytes in decimal digits",
  );
}

function tooLarge(what: string, bytes: number, limit: number): Error {
  const json = what !== "body";
  return refuse(
    "gateway/body-too-large",
    `the ${what} has ${bytes} bytes, the limit is ${limit}`,
    json
      ? "send large tensors in binary form (`binary_data_size`, Inference-Header-Content-Length), or fewer rows; `gateway.maxJsonBytes` sets the limit"
      : "send fewer rows in one request; `gateway.maxBodyBytes` sets the limit",
    413,
  );
}
