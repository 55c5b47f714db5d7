/**
 * An inference request of the Open Inference Protocol v2 (REST), with Triton's binary tensor extension: from the bytes of a
 * body to typed tensors. Unknown fields are skipped, as the protocol lets servers and clients extend it; known ones
 * must be what they say, once.
 */
import { isUtf8 } from "node:buffer";
import { quote } from "../../../base/error/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import { readBinaryTensor } from "./binary-tensor.ts";
import { datatypes, wireTypeOf, type WireType } from "./datatypes.ts";
import { JsonCursor } from "./json-cursor.ts";
import { readJsonTensor, type TensorHead } from "./json-tensor.ts";
import type { ProtocolLimits } from "./limits.ts";
import {
  booleanParameter,
  duplicate,
  noParameters,
  readParameters,
  refuseExtensions,
  sizeParameter,
  type Parameters,
} from "./parameters.ts";
import type { BodyPlan } from "./plan-body.ts";
import { refuse } from "./refuse.ts";
import { readShape } from "./shape.ts";

/** One input as it was sent. */
export interface RequestInput {
  readonly name: string;
  readonly tensor: Tensor;
  readonly parameters: Parameters;
}

/** One output as it was asked for. */
export interface RequestedOutput {
  readonly name: string;
  /** Whether it must be answered in binary form; undefined leaves it to {@link InferRequest.binaryOutputs}. */
  readonly binary: boolean | undefined;
  readonly parameters: Parameters;
}

/** An inference request whose tensors agree with their own shapes and datatypes. Whether the model takes them is not yet asked. */
export interface InferRequest {
  /** Given by the client, to be repeated in the answer. */
  readonly id: string | undefined;
  readonly parameters: Parameters;
  readonly inputs: readonly RequestInput[];
  /** Empty when the client leaves the choice to the server: all outputs. */
  readonly outputs: readonly RequestedOutput[];
  /** Whether outputs are answered in binary form unless one says otherwise (`binary_data_output`). */
  readonly binaryOutputs: boolean;
}

/** An input whose data may still lie elsewhere: further on in the JSON, or in its binary section. */
interface Draft {
  readonly name: string;
  readonly head: TensorHead;
  readonly parameters: Parameters;
  readonly tensor: Tensor | undefined;
  readonly binaryBytes: number;
}

/**
 * Reads a whole body.
 *
 * @param body as {@link createBodyReader} collected it; binary tensors of the result are views of it
 * @throws `gateway/bad-json`, `gateway/bad-request`, `gateway/duplicate-name`, `gateway/bad-datatype`, `gateway/bad-shape`,
 *   `gateway/tensor-too-large`, `gateway/bad-value`, `gateway/wrong-size`, `gateway/unsupported-extension`
 * @example
 * const plan = planBody(headers, limits);          // before the body
 * const request = decodeInfer(body, plan, limits); // after it
 * request.inputs[0].tensor.dims;                   // [1, 784]
 */
export function decodeInfer(body: Uint8Array, plan: BodyPlan, limits: ProtocolLimits): InferRequest {
  const cursor = new JsonCursor(readText(body, plan.jsonBytes));
  let id: string | undefined;
  let parameters: Parameters = noParameters;
  let drafts: Draft[] | undefined;
  let outputs: readonly RequestedOutput[] = [];
  const once = createOnce(requestLabel);
  cursor.object((key) => {
    if (key === "id") {
      once(key);
      id = readId(cursor, limits);
    } else if (key === "parameters") {
      once(key);
      parameters = readParameters(cursor, requestLabel);
    } else if (key === "inputs") {
      once(key);
      drafts = readInputs(cursor, limits);
    } else if (key === "outputs") {
      once(key);
      outputs = readOutputs(cursor);
    } else cursor.skip();
  });
  cursor.end();
  if (drafts === undefined)
    throw refuse(
      "gateway/bad-request",
      "the request has no `inputs`",
      'send {"inputs": [{"name", "shape", "datatype", "data"}]}',
    );
  const binaryOutputs = booleanParameter(parameters, "binary_data_output", requestLabel) ?? false;
  return { id, parameters, inputs: attachSections(body, plan, drafts), outputs, binaryOutputs };
}

const requestLabel = (): string => "the request";

function readText(body: Uint8Array, jsonBytes: number): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, jsonBytes);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw refuse(
    "gateway/bad-json",
    "the JSON part of the request is not UTF-8",
    "send JSON in UTF-8; if binary tensors follow it, say so with Inference-Header-Content-Length",
  );
}

function readId(cursor: JsonCursor, limits: ProtocolLimits): string | undefined {
  if (cursor.word("null")) return undefined;
  if (cursor.peek() !== 0x22) throw refuse("gateway/bad-request", "the `id` of the request is not a string", "send it in quotes");
  const id = cursor.string();
  if (id.length <= limits.maxIdLength) return id;
  throw refuse(
    "gateway/bad-request",
    `the \`id\` of the request is longer than ${limits.maxIdLength} characters`,
    "send a shorter one",
  );
}

function readInputs(cursor: JsonCursor, limits: ProtocolLimits): Draft[] {
  const drafts: Draft[] = [];
  const names = new Set<string>();
  cursor.array((index) => {
    const draft = readInput(cursor, index, limits);
    if (names.has(draft.name)) throw duplicate(`input ${quote(draft.name)}`);
    names.add(draft.name);
    drafts.push(draft);
  });
  return drafts;
}

function readInput(cursor: JsonCursor, index: number, limits: ProtocolLimits): Draft {
  let name: string | undefined;
  let type: WireType | undefined;
  let dims: readonly number[] | undefined;
  let parameters: Parameters = noParameters;
  let tensor: Tensor | undefined;
  let dataAt = -1;
  const label = (): string => (name === undefined ? `input number ${index + 1}` : `input ${quote(name)}`);
  const once = createOnce(label);
  cursor.object((key) => {
    if (key === "name") {
      once(key);
      name = readName(cursor, label);
    } else if (key === "shape") {
      once(key);
      dims = readShape(cursor, limits, label);
    } else if (key === "datatype") {
      once(key);
      type = readDatatype(cursor, label);
    } else if (key === "parameters") {
      once(key);
      parameters = readParameters(cursor, label);
      refuseExtensions(parameters, label);
    } else if (key === "data") {
      once(key);
      // kserve sends `null` beside an empty binary tensor.
      if (cursor.word("null")) return;
      dataAt = cursor.at;
      if (type !== undefined && dims !== undefined) tensor = readJsonTensor(cursor, { type, dims, label });
      else cursor.skip(true);
    } else cursor.skip();
  });
  if (name === undefined) throw missing("name", label);
  if (dims === undefined) throw missing("shape", label);
  if (type === undefined) throw missing("datatype", label);
  const head: TensorHead = { type, dims, label };
  const binaryBytes = sizeParameter(parameters, "binary_data_size", label);
  if (dataAt === -1 && binaryBytes === undefined) throw missing("data", label);
  if (dataAt !== -1 && binaryBytes !== undefined) {
    const message = `${label()} has both \`data\` and \`binary_data_size\``;
    throw refuse("gateway/bad-request", message, "send its elements in JSON or in binary form, not both");
  }
  if (dataAt !== -1 && tensor === undefined) tensor = readDeferred(cursor, dataAt, head);
  return { name, head, parameters, tensor, binaryBytes: binaryBytes ?? 0 };
}

/** Reads `data` that stood before the shape or the datatype, which say how to read it. */
function readDeferred(cursor: JsonCursor, dataAt: number, head: TensorHead): Tensor {
  const back = cursor.at;
  cursor.at = dataAt;
  const tensor = readJsonTensor(cursor, head);
  cursor.at = back;
  return tensor;
}

function readOutputs(cursor: JsonCursor): readonly RequestedOutput[] {
  const outputs: RequestedOutput[] = [];
  if (cursor.word("null")) return outputs;
  const names = new Set<string>();
  cursor.array((index) => {
    const output = readOutput(cursor, index);
    if (names.has(output.name)) throw duplicate(`output ${quote(output.name)}`);
    names.add(output.name);
    outputs.push(output);
  });
  return outputs;
}

function readOutput(cursor: JsonCursor, index: number): RequestedOutput {
  let name: string | undefined;
  let parameters: Parameters = noParameters;
  const label = (): string => (name === undefined ? `requested output number ${index + 1}` : `requested output ${quote(name)}`);
  const once = createOnce(label);
  cursor.object((key) => {
    if (key === "name") {
      once(key);
      name = readName(cursor, label);
    } else if (key === "parameters") {
      once(key);
      parameters = readParameters(cursor, label);
      refuseExtensions(parameters, label);
    } else cursor.skip();
  });
  if (name === undefined) throw missing("name", label);
  return { name, binary: booleanParameter(parameters, "binary_data", label), parameters };
}

function readName(cursor: JsonCursor, label: () => string): string {
  if (cursor.peek() === 0x22) return cursor.string();
  throw refuse(
    "gateway/bad-request",
    `the \`name\` of ${label()} is not a string`,
    "send the name that the model's metadata lists",
  );
}

function readDatatype(cursor: JsonCursor, label: () => string): WireType {
  const datatype = cursor.peek() === 0x22 ? cursor.string() : undefined;
  const type = datatype === undefined ? undefined : wireTypeOf(datatype);
  if (type !== undefined) return type;
  const found = datatype === undefined ? "is not a string" : `is ${quote(datatype)}`;
  throw refuse("gateway/bad-datatype", `the \`datatype\` of ${label()} ${found}`, `send one of ${datatypes.join(", ")}`);
}

/** Gives each binary input its section: they follow the JSON part in the order of the inputs, without gaps. */
function attachSections(body: Uint8Array, { bodyBytes, jsonBytes }: BodyPlan, drafts: readonly Draft[]): RequestInput[] {
  // INVARIANT: no section is read before all of them together are known to fill the body exactly.
  let declared = 0;
  for (const draft of drafts) declared += draft.binaryBytes;
  if (declared !== bodyBytes - jsonBytes) {
    throw refuse(
      "gateway/wrong-size",
      `${bodyBytes - jsonBytes} bytes follow the JSON part, the inputs declare ${declared}`,
      "Inference-Header-Content-Length is the length of the JSON part; the `binary_data_size` of all inputs must add up to the rest",
    );
  }
  let at = jsonBytes;
  return drafts.map(({ name, head, parameters, tensor, binaryBytes }) => {
    const start = at;
    at += binaryBytes;
    return { name, parameters, tensor: tensor ?? readBinaryTensor(body.subarray(start, at), head) };
  });
}

function createOnce(label: () => string): (key: string) => void {
  const seen: string[] = [];
  return (key) => {
    if (seen.includes(key)) throw duplicate(`\`${key}\` of ${label()}`);
    seen.push(key);
  };
}

function missing(field: string, label: () => string): Error {
  const hint =
    field === "data"
      ? "send `data`, or the tensor in binary form with `binary_data_size`"
      : `send \`${field}\` with each of them`;
  return refuse("gateway/bad-request", `${label()} has no \`${field}\``, hint);
}
