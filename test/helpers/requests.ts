/** Requests for tests, written down independently of the code that reads them: JSON by `JSON.stringify`, binary sections by concatenation. */
import { isModelkeepError, type ModelkeepError } from "../../src/base/error/index.ts";
import { decodeInfer, type InferRequest } from "../../src/guard/gateway/protocol/decode.ts";
import { defaultProtocolLimits, type ProtocolLimits } from "../../src/guard/gateway/protocol/limits.ts";
import type { BodyPlan } from "../../src/guard/gateway/protocol/plan-body.ts";

/** A body and its frame: a JSON head (text is taken as it is) and binary sections. */
export function frame(head: unknown, sections: readonly Uint8Array[] = []): { body: Uint8Array; plan: BodyPlan } {
  const json = Buffer.from(typeof head === "string" ? head : JSON.stringify(head));
  const body = new Uint8Array(Buffer.concat([json, ...sections]));
  return { body, plan: { bodyBytes: body.length, jsonBytes: json.length } };
}

/** Reads such a request. */
export function decode(head: unknown, sections: readonly Uint8Array[] = [], limits: Partial<ProtocolLimits> = {}): InferRequest {
  const { body, plan } = frame(head, sections);
  return decodeInfer(body, plan, { ...defaultProtocolLimits, ...limits });
}

/** The refusal that `act` ends in. */
export function refusalOf(act: () => unknown): ModelkeepError {
  try {
    act();
  } catch (error) {
    if (isModelkeepError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

/** A request with one input in JSON. */
export function jsonInput(datatype: string, shape: readonly unknown[], data: unknown): unknown {
  return { inputs: [{ name: "x", datatype, shape, data }] };
}

/** A request with one input in binary form. */
export function binaryInput(datatype: string, shape: readonly unknown[], size: unknown): unknown {
  return { inputs: [{ name: "x", datatype, shape, parameters: { binary_data_size: size } }] };
}

/** Little-endian bytes of a typed array. */
export function bytes(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
