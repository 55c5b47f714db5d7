/** An inference response of the Open Inference Protocol v2 (REST), each output in JSON or in binary form as it was asked for. */
import { quote } from "../../../base/error/index.ts";
import { elementCount, type Tensor } from "../../../model/onnx/index.ts";
import { datatypeOf, wireTypeOf, type WireType } from "./datatypes.ts";
import { writeJsonElements } from "./json-elements.ts";
import type { ProtocolLimits } from "./limits.ts";
import { refuse } from "./refuse.ts";

/** One output to be answered. */
export interface ResponseOutput {
  readonly name: string;
  readonly tensor: Tensor;
  readonly binary: boolean;
}

/** An answer to an inference request. */
export interface InferResponse {
  readonly modelName: string;
  readonly modelVersion?: string | undefined;
  /** The `id` of the request, if it had one. */
  readonly id?: string | undefined;
  readonly parameters?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** In the order in which they are answered. */
  readonly outputs: readonly ResponseOutput[];
}

/** Headers and body, ready to be sent. */
export interface EncodedResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Writes an answer.
 *
 * @throws `gateway/answer-too-large` when outputs that were not asked for in binary form have too many elements for JSON
 * @example
 * const { headers, body } = encodeInfer({ modelName: "digits", id: request.id, outputs }, limits);
 */
export function encodeInfer(response: InferResponse, limits: ProtocolLimits): EncodedResponse {
  const sections: Uint8Array[] = [];
  let jsonElements = 0;
  let outputs = "";
  for (const output of response.outputs) {
    const type = wireTypeOfOutput(output);
    if (!output.binary) {
      jsonElements += elementCount(output.tensor.dims);
      if (jsonElements > limits.maxJsonAnswerElements) throw tooLarge(output, jsonElements, limits);
    }
    outputs += `${outputs === "" ? "" : ","}${output.binary ? writeBinary(output, type, sections) : writeJson(output, type)}`;
  }
  const { modelName, modelVersion, id, parameters } = response;
  // JSON.stringify leaves out what is undefined.
  const head = JSON.stringify({ model_name: modelName, model_version: modelVersion, id, parameters });
  const json = `${head.slice(0, -1)},"outputs":[${outputs}]}`;
  return assemble(json, sections);
}

function assemble(json: string, sections: readonly Uint8Array[]): EncodedResponse {
  if (sections.length === 0) {
    const body = Buffer.from(json);
    return { headers: { "content-type": "application/json", "content-length": String(body.length) }, body };
  }
  const jsonBytes = Buffer.byteLength(json);
  let total = jsonBytes;
  for (const section of sections) total += section.length;
  const body = Buffer.allocUnsafe(total);
  let at = body.write(json);
  for (const section of sections) {
    body.set(section, at);
    at += section.length;
  }
  const headers = {
    "content-type": "application/octet-stream",
    "content-length": String(total),
    "inference-header-content-length": String(jsonBytes),
  };
  return { headers, body };
}

function writeJson({ name, tensor }: ResponseOutput, type: WireType): string {
  const { text, nonFinite } = writeJsonElements(tensor, type);
  const note = nonFinite === 0 ? "" : `"parameters":{"non_finite_as_null":${nonFinite}},`;
  return `{${describe(name, tensor, type)},${note}"data":${text}}`;
}

function writeBinary({ name, tensor }: ResponseOutput, type: WireType, sections: Uint8Array[]): string {
  const section = type === "string" ? packStrings(tensor.strings ?? []) : tensor.data;
  sections.push(section);
  return `{${describe(name, tensor, type)},"parameters":{"binary_data_size":${section.length}}}`;
}

function describe(name: string, { dims }: Tensor, type: WireType): string {
  return `"name":${JSON.stringify(name)},"datatype":"${datatypeOf(type)}","shape":[${dims.join(",")}]`;
}

/** Each element as a 4-byte little-endian length and its UTF-8 bytes. */
export function packStrings(strings: readonly string[]): Uint8Array {
  let size = 0;
  for (const text of strings) size += 4 + Buffer.byteLength(text);
  const packed = Buffer.allocUnsafe(size);
  let at = 0;
  for (const text of strings) {
    const written = packed.write(text, at + 4);
    packed.writeUInt32LE(written, at);
    at += 4 + written;
  }
  return packed;
}

function wireTypeOfOutput({ name, tensor }: ResponseOutput): WireType {
  const datatype = datatypeOf(tensor.type);
  const type = datatype === undefined ? undefined : wireTypeOf(datatype);
  if (type !== undefined) return type;
  throw refuse(
    "gateway/unsupported-extension",
    `output ${quote(name)} is of type ${tensor.type}, which the protocol has no datatype for`,
    "leave this output out of `outputs`, or export the model with a cast to one that it has",
  );
}

function tooLarge({ name }: ResponseOutput, elements: number, limits: ProtocolLimits): Error {
  return refuse(
    "gateway/answer-too-large",
    `the answer up to output ${quote(name)} has ${elements} elements, ${limits.maxJsonAnswerElements} may be written as JSON`,
    "ask for outputs in binary form (`binary_data_output` or `binary_data`: true), or for fewer of them; `gateway.maxJsonAnswerElements` sets the limit",
  );
}
