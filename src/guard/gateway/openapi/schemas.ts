/** JSON Schemas (2020-12, as OpenAPI 3.1 takes them) of what goes in and out. The reader in `protocol/` is the authority; these say the same to tools. */
import { datatypes } from "../protocol/datatypes.ts";
import type { ProtocolLimits } from "../protocol/limits.ts";

/** A value that can be written as JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A reference to one of {@link schemas}. */
export function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

const nonNegative: Json = { type: "integer", minimum: 0 };

/** The section `components.schemas`. */
export function schemas(limits: ProtocolLimits): Readonly<Record<string, Json>> {
  return { ...requestSchemas(limits), ...responseSchemas(), ...metadataSchemas() };
}

/** Names with one value each, some of which are known. A value that is null counts as not given. */
function parameters(known: Readonly<Record<string, Json>>): Json {
  return { type: ["object", "null"], properties: known, additionalProperties: { type: ["string", "number", "boolean", "null"] } };
}

function requestSchemas({ maxIdLength, maxRank }: ProtocolLimits): Record<string, Json> {
  return {
    shape: { type: "array", maxItems: maxRank, items: { ...(nonNegative as object), maximum: Number.MAX_SAFE_INTEGER } },
    datatype: { type: "string", enum: datatypes },
    tensor_data: {
      description:
        "Elements in row-major order, flat or nested exactly as the shape. Floats may be null for NaN; the reader also takes the bare words NaN, Infinity and -Infinity, which are not JSON.",
      type: "array",
      items: { anyOf: [ref("tensor_data"), { type: ["number", "string", "boolean", "null"] }] },
    },
    request_input: {
      type: "object",
      required: ["name", "shape", "datatype"],
      properties: {
        name: { type: "string" },
        shape: ref("shape"),
        datatype: ref("datatype"),
        parameters: parameters({
          binary_data_size: { description: "Bytes of this tensor's binary section.", ...(nonNegative as object) },
        }),
        data: { anyOf: [ref("tensor_data"), { type: "null" }] },
      },
    },
    request_output: {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string" },
        parameters: parameters({ binary_data: { description: "Answer this output in binary form.", type: "boolean" } }),
      },
    },
    inference_request: {
      type: "object",
      required: ["inputs"],
      properties: {
        id: { description: "Repeated in the answer.", type: ["string", "null"], maxLength: maxIdLength },
        parameters: parameters({
          binary_data_output: { description: "Answer all outputs in binary form unless one says otherwise.", type: "boolean" },
          timeout: { description: "Microseconds that the request may take, within the server's limit.", type: "number" },
        }),
        inputs: { type: "array", items: ref("request_input") },
        outputs: { description: "All outputs when empty or not given.", type: ["array", "null"], items: ref("request_output") },
      },
    },
  };
}

function responseSchemas(): Record<string, Json> {
  return {
    response_output: {
      type: "object",
      required: ["name", "datatype", "shape"],
      properties: {
        name: { type: "string" },
        datatype: ref("datatype"),
        shape: { type: "array", items: nonNegative },
        parameters: {
          type: "object",
          properties: {
            binary_data_size: { description: "Bytes of this tensor's section after the JSON part.", ...(nonNegative as object) },
            non_finite_as_null: {
              description: "How many elements were NaN or infinite and are written as null.",
              type: "integer",
              minimum: 1,
            },
          },
        },
        data: {
          description: "Flat, in row-major order.",
          type: "array",
          items: { type: ["number", "string", "boolean", "null"] },
        },
      },
    },
    inference_response: {
      type: "object",
      required: ["model_name", "outputs"],
      properties: {
        model_name: { type: "string" },
        model_version: { type: "string" },
        id: { type: "string" },
        parameters: { type: "object" },
        outputs: { type: "array", items: ref("response_output") },
      },
    },
    error: {
      type: "object",
      required: ["error", "code", "request_id"],
      properties: {
        error: { description: "What was wrong, in one line.", type: "string" },
        code: { description: "Stable: `area/reason`.", type: "string", pattern: "^[a-z-]+/[a-z-]+$" },
        hint: { description: "What to do next.", type: "string" },
        request_id: { description: "Names this request in the server's logs.", type: "string" },
      },
    },
  };
}

function metadataSchemas(): Record<string, Json> {
  const size: Json = { type: "integer", minimum: -1 };
  return {
    health: {
      type: "object",
      required: ["live"],
      properties: { live: { type: "boolean" }, ready: { type: "boolean" } },
    },
    server_metadata: {
      type: "object",
      required: ["name", "version", "extensions"],
      properties: {
        name: { type: "string" },
        version: { type: "string" },
        extensions: { type: "array", items: { type: "string" } },
      },
    },
    model_list: {
      type: "object",
      required: ["models"],
      properties: {
        models: {
          type: "array",
          items: {
            type: "object",
            required: ["name", "versions"],
            properties: { name: { type: "string" }, versions: { type: "array", items: { type: "string" } } },
          },
        },
      },
    },
    model_ready: {
      type: "object",
      required: ["name", "ready"],
      properties: { name: { type: "string" }, ready: { type: "boolean" } },
    },
    tensor_metadata: {
      type: "object",
      required: ["name", "datatype", "shape"],
      properties: {
        name: { type: "string" },
        datatype: ref("datatype"),
        shape: { description: "-1 for a dimension that the client chooses.", type: "array", items: size },
        parameters: {
          type: "object",
          properties: {
            dims: {
              description: "The shape with the names of free dimensions.",
              type: "array",
              items: { type: ["integer", "string"] },
            },
            min: { type: "number" },
            max: { type: "number" },
            allowed: { type: "array", items: { type: ["number", "string"] } },
          },
        },
      },
    },
    model_metadata: {
      type: "object",
      required: ["name", "versions", "platform", "inputs", "outputs"],
      properties: {
        name: { type: "string" },
        versions: { type: "array", items: { type: "string" } },
        platform: { type: "string" },
        inputs: { type: "array", items: ref("tensor_metadata") },
        outputs: { type: "array", items: ref("tensor_metadata") },
        parameters: {
          type: "object",
          properties: {
            max_batch: { description: "Rows that one request may have.", type: "integer", minimum: 0 },
            dim_ranges: { type: "object", additionalProperties: { type: "array", items: nonNegative, minItems: 2, maxItems: 2 } },
          },
        },
      },
    },
  };
}
