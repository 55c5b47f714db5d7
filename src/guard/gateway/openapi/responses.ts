/** Answers that every path shares: what each status means, with its headers. */
import { ref, type Json } from "./schemas.ts";

const header = (description: string, schema: Json, required = true): Json => ({ description, required, schema });

/** Sent with every answer. */
const requestId = { "x-request-id": header("Names this request in the server's logs.", { type: "string" }) };

const retryAfter = {
  "retry-after": header("Seconds after which the same request may succeed.", { type: "string", pattern: "^[1-9][0-9]*$" }),
};

const challenge = { "www-authenticate": header("RFC 6750.", { type: "string", pattern: "^Bearer " }) };

interface Refusal {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Json>>;
}

const refusals: Readonly<Record<string, Refusal>> = {
  "400": { description: "The request contradicts HTTP, the protocol or the model's contract; the body says what to change." },
  "401": { description: "No credential, or not a valid one from this address.", headers: challenge },
  "403": { description: "The address is blocked or banned, or the credential does not allow this." },
  "404": { description: "No such model or version, or none that the credential may use: the two look alike." },
  "408": { description: "The request arrived too slowly." },
  "411": { description: "The body has no Content-Length." },
  "413": { description: "The body, its JSON part or a tensor is too large." },
  "414": { description: "The URL is too long." },
  "415": { description: "The body is of another media type, or compressed." },
  "417": { description: "An Expect header other than 100-continue." },
  "429": { description: "A limit of the address, principal or model is reached.", headers: retryAfter },
  "431": { description: "The header section is too long." },
  "500": { description: "The server failed; its log has the cause under the request id." },
  "501": { description: "A transfer coding that is not read." },
  "503": {
    description: "Draining, too busy, or nothing can be logged.",
    headers: { "retry-after": { ...(retryAfter["retry-after"] as object), required: false } },
  },
  "505": { description: "Another version of HTTP." },
};

/** What any request may come to. */
const anywhere = ["400", "408", "414", "417", "431", "500", "501", "505"];

/** What a request with a credential may come to. */
const guarded = ["401", "403", "429", "503"];

/** Refusals of a path: those of any request, of a credential where one is asked for, and its own. */
export function refusalsOf(isGuarded: boolean, ...own: readonly string[]): Readonly<Record<string, Json>> {
  const codes = [...anywhere, ...(isGuarded ? guarded : []), ...own].sort();
  return Object.fromEntries(codes.map((code) => [code, refusal(refusals[code]!)]));
}

/** A good answer with a JSON body of the schema so named. */
export function jsonResponse(description: string, schema: string): Json {
  return { description, headers: requestId, content: { "application/json": { schema: ref(schema) } } };
}

/** The good answer to an inference: JSON, or JSON followed by binary sections. */
export function inferResponse(): Json {
  return {
    description: "The outputs. In binary form they follow the JSON part, in the order of `outputs`, as little-endian bytes.",
    headers: {
      ...requestId,
      "inference-header-content-length": header(
        "Bytes of the JSON part, when binary sections follow it.",
        { type: "string", pattern: "^[0-9]+$" },
        false,
      ),
      "x-modelkeep-entry": header(
        "Index of this request's entry in the audit log.",
        { type: "string", pattern: "^[0-9]+$" },
        false,
      ),
      "x-modelkeep-salt": header(
        "Salt that opens the commitments in that entry, in hexadecimal.",
        { type: "string", pattern: "^[0-9a-f]+$" },
        false,
      ),
    },
    content: {
      "application/json": { schema: ref("inference_response") },
      "application/octet-stream": { schema: { type: "string", format: "binary" } },
    },
  };
}

/** An answer in plain text. */
export function textResponse(description: string): Json {
  return { description, headers: requestId, content: { "text/plain": { schema: { type: "string" } } } };
}

function refusal({ description, headers }: Refusal): Json {
  return { description, headers: { ...requestId, ...headers }, content: { "application/json": { schema: ref("error") } } };
}
