/** One question in the Open Inference Protocol v2, in JSON or with binary tensors, and its answer. https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/** A tensor's name and shape as the server's metadata say; −1 is free. */
export interface WireSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** What a server says of a model. */
export interface WireMetadata {
  readonly inputs: readonly WireSpec[];
  readonly outputs: readonly WireSpec[];
}

/** @throws attack/unreachable when it is not what the protocol says */
export function readMetadata(given: unknown): WireMetadata {
  const list = (value: unknown): WireSpec[] => {
    if (!Array.isArray(value)) throw notProtocol("its metadata lack inputs or outputs");
    return value.map((entry: Partial<WireSpec> | null) => {
      const { name, datatype, shape } = entry ?? {};
      const numbers = Array.isArray(shape) ? shape.map(Number) : [];
      if (
        typeof name !== "string" ||
        typeof datatype !== "string" ||
        !Array.isArray(shape) ||
        numbers.some((size) => !Number.isInteger(size))
      )
        throw notProtocol("its metadata describe a tensor without name, datatype or shape");
      return { name, datatype, shape: numbers };
    });
  };
  const { inputs, outputs } = (given ?? {}) as { inputs?: unknown; outputs?: unknown };
  return { inputs: list(inputs), outputs: list(outputs) };
}

/** Whether a server's metadata name the extension for binary tensors: the protocol itself knows JSON only. */
export const takesBinary = (server: unknown): boolean => {
  const { extensions } = (server ?? {}) as { extensions?: unknown };
  return Array.isArray(extensions) && extensions.includes("binary_tensor_data");
};

/** Head and body of a question with one input. */
export function encodeQuestion(
  input: { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array },
  output: string,
  binary: boolean,
): { readonly headers: Record<string, string>; readonly body: Uint8Array } {
  const { name, shape, data } = input;
  if (!binary) {
    const question = { inputs: [{ name, datatype: "FP32", shape, data: Array.from(data) }], outputs: [{ name: output }] };
    return { headers: { "content-type": "application/json" }, body: new TextEncoder().encode(JSON.stringify(question)) };
  }
  const head = new TextEncoder().encode(
    JSON.stringify({
      inputs: [{ name, datatype: "FP32", shape, parameters: { binary_data_size: data.byteLength } }],
      outputs: [{ name: output, parameters: { binary_data: true } }],
    }),
  );
  const body = new Uint8Array(head.length + data.byteLength);
  body.set(head);
  body.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), head.length);
  return {
    headers: { "content-type": "application/octet-stream", "inference-header-content-length": String(head.length) },
    body,
  };
}

const arrays: Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayLike<number | bigint>>> = {
  FP32: Float32Array,
  FP64: Float64Array,
  INT64: BigInt64Array,
  INT32: Int32Array,
  INT8: Int8Array,
  UINT64: BigUint64Array,
  UINT32: Uint32Array,
  UINT8: Uint8Array,
};

/** An answer's numbers, whether they came in JSON or in binary form. */
export interface WireAnswer {
  readonly shape: readonly number[];
  readonly values: Float64Array;
  readonly whole: boolean;
}

/** @throws attack/unreachable */
export function decodeAnswer(body: Uint8Array, headBytes: number | undefined, wanted: string): WireAnswer {
  const head = new TextDecoder().decode(headBytes === undefined ? body : body.subarray(0, headBytes));
  let outputs: readonly {
    name?: unknown;
    datatype?: unknown;
    shape?: unknown;
    data?: unknown;
    parameters?: { binary_data_size?: unknown };
  }[];
  try {
    outputs = (JSON.parse(head) as { outputs: typeof outputs }).outputs;
  } catch {
    throw notProtocol("its answer is no JSON");
  }
  if (!Array.isArray(outputs)) throw notProtocol("its answer has no outputs");
  let at = headBytes ?? body.length;
  for (const { name, datatype, shape, data, parameters } of outputs) {
    const size = Number(parameters?.binary_data_size ?? 0);
    const block = body.subarray(at, at + size);
    at += size;
    if (name !== wanted) continue;
    const View = arrays[String(datatype)];
    if (View === undefined || !Array.isArray(shape)) throw notProtocol(`output ${quote(wanted)} is ${quote(String(datatype))}`);
    const numbers =
      data === undefined ? Array.from(new View(block.slice().buffer), Number) : (data as unknown[]).flat(8).map(Number);
    return { shape: shape.map(Number), values: Float64Array.from(numbers), whole: !String(datatype).startsWith("FP") };
  }
  throw notProtocol(`its answer lacks output ${quote(wanted)}`);
}

/** An `attack/unreachable` error about what a server said. */
export const notProtocol = (what: string): ModelkeepError =>
  new ModelkeepError("attack/unreachable", {
    message: `the server does not speak the Open Inference Protocol v2: ${what}`,
    hint: "give the address of a model, such as https://host/v2/models/digits",
    status: 502,
  });
