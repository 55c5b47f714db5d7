/** The published description of the HTTP surface, OpenAPI 3.1: one source for `/openapi.json`, the generated reference and schemathesis. */
import { defaultProtocolLimits, type ProtocolLimits } from "../protocol/limits.ts";
import { inferResponse, jsonResponse, refusalsOf, textResponse } from "./responses.ts";
import { ref, schemas, type Json } from "./schemas.ts";

/** What differs between installations. Models do not: their names are told only to who may use them, so paths have placeholders. */
export interface OpenapiOptions {
  /** Of the program. */
  readonly version: string;
  /** Where it is served, for `servers`. */
  readonly url?: string;
  /** Whether health is answered without a credential; it is by default. */
  readonly openHealth?: boolean;
  /** Whether `/metrics` is on this port; it is by default. */
  readonly metrics?: boolean;
  readonly limits?: ProtocolLimits;
}

/** An OpenAPI document as data. */
export type OpenapiDocument = { readonly [key: string]: Json };

const modelParameter: Json = {
  name: "model_name",
  in: "path",
  required: true,
  description: "Name of a model.",
  schema: { type: "string", pattern: "^[A-Za-z0-9._-]{1,64}$" },
};

const versionParameter: Json = {
  name: "model_version",
  in: "path",
  required: true,
  description: "Number or label of a version of the model.",
  schema: { type: "string", pattern: "^[A-Za-z0-9._-]{1,64}$" },
};

const headLengthParameter: Json = {
  name: "Inference-Header-Content-Length",
  in: "header",
  required: false,
  description: "Bytes of the JSON part at the beginning of the body. Needed when binary sections follow it.",
  schema: { type: "integer", minimum: 0 },
};

/**
 * @example
 * const document = openapiDocument({ version: "1.0.0", url: gateway.url });
 */
export function openapiDocument(options: OpenapiOptions): OpenapiDocument {
  const { version, url, openHealth = true, metrics = true, limits = defaultProtocolLimits } = options;
  return {
    openapi: "3.1.0",
    info: {
      title: "Modelkeep",
      version,
      description:
        "Open Inference Protocol v2 over HTTP, with the binary tensor data extension. Every tensor is checked against its model's contract before the model sees it.",
      license: { name: "Apache 2.0", identifier: "Apache-2.0" },
    },
    ...(url !== undefined && { servers: [{ url }] }),
    security: [{ key: [] }],
    paths: {
      ...servicePaths(openHealth),
      ...modelPaths("/v2/models/{model_name}", [modelParameter], "newest version of a model"),
      ...modelPaths("/v2/models/{model_name}/versions/{model_version}", [modelParameter, versionParameter], "version of a model"),
      ...(metrics && {
        "/metrics": get({
          operationId: "metrics",
          summary: "Metrics for Prometheus",
          ok: textResponse("Text exposition format."),
        }),
      }),
    },
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key: `modelkeep keys create`." } },
      schemas: schemas(limits),
    },
  };
}

interface Question {
  readonly operationId: string;
  readonly summary: string;
  /** The answer with status 200. */
  readonly ok: Json;
  readonly open?: boolean;
  /** Refusals beside those of every path. */
  readonly codes?: readonly string[];
  /** Other answers. */
  readonly own?: Readonly<Record<string, Json>>;
}

function get({ operationId, summary, ok, open = false, codes = [], own = {} }: Question): Json {
  const responses = { "200": ok, ...refusalsOf(!open, ...codes), ...own };
  return { get: { operationId, summary, ...(open && { security: [] }), responses } };
}

function servicePaths(openHealth: boolean): Record<string, Json> {
  const notReady = jsonResponse("Starting, draining, or a configured model is not loaded.", "health");
  return {
    "/v2/health/live": get({
      operationId: "live",
      summary: "Whether the server runs",
      ok: jsonResponse("It runs.", "health"),
      open: openHealth,
    }),
    "/v2/health/ready": get({
      operationId: "ready",
      summary: "Whether requests are taken",
      ok: jsonResponse("They are.", "health"),
      open: openHealth,
      own: { "503": notReady },
    }),
    "/v2": get({
      operationId: "server",
      summary: "Metadata of the server",
      ok: jsonResponse("Name, version, extensions.", "server_metadata"),
    }),
    "/v2/models": get({
      operationId: "models",
      summary: "Models that this credential may use",
      ok: jsonResponse("Names and versions.", "model_list"),
    }),
    "/openapi.json": get({
      operationId: "openapi",
      summary: "This document",
      ok: { description: "OpenAPI 3.1.", content: { "application/json": { schema: { type: "object" } } } },
      open: true,
    }),
  };
}

function modelPaths(path: string, parameters: readonly Json[], what: string): Record<string, Json> {
  const id = parameters.length === 1 ? "model" : "version";
  const question = (operationId: string, summary: string, ok: Json): Json => {
    return { parameters, ...(get({ operationId, summary, ok, codes: ["404"] }) as object) };
  };
  return {
    [path]: question(`${id}Metadata`, `Contract of the ${what}`, jsonResponse("Inputs and outputs.", "model_metadata")),
    [`${path}/ready`]: question(`${id}Ready`, `Whether the ${what} is served`, jsonResponse("It is.", "model_ready")),
    [`${path}/infer`]: {
      parameters,
      post: {
        operationId: `${id}Infer`,
        summary: `Run the ${what}`,
        parameters: [headLengthParameter],
        requestBody: {
          required: true,
          content: {
            "application/json": { schema: ref("inference_request"), example: exampleRequest },
            "application/octet-stream": { schema: { type: "string", format: "binary" } },
          },
        },
        responses: { "200": inferResponse(), ...refusalsOf(true, "404", "411", "413", "415") },
      },
    },
  };
}

const exampleRequest: Json = {
  id: "42",
  inputs: [{ name: "x", shape: [2, 2], datatype: "FP32", data: [1, 2, 3, 4] }],
  outputs: [{ name: "y" }],
};
