import { ModelkeepError, nearest, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import type { ElementType, Tensor } from "../onnx/index.ts";
import { exchangeBytes } from "./ort.ts";
import type { NamedTensor } from "./session.ts";

/** As much of a declared input or output as is checked here; the gateway checks the whole contract. */
export interface Declared {
  readonly name: string;
  readonly type: ElementType;
}

/**
 * The inputs in declared order: none missing, none unknown, each of its type and with as many bytes as its shape takes.
 * @throws runtime/bad-input, runtime/unsupported-type
 */
export function orderInputs(inputs: Readonly<Record<string, Tensor>>, declared: readonly Declared[]): NamedTensor[] {
  const ordered: NamedTensor[] = [];
  for (const { name, type } of declared) {
    const tensor = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
    if (tensor === undefined) throw badInput(`input ${quote(name)} is missing`, `the model takes ${list(declared)}`);
    if (tensor.type !== type) {
      throw badInput(`input ${quote(name)} is ${quote(tensor.type)}, the model takes ${type}`, `send ${type}`);
    }
    checkTensor(name, tensor);
    const { dims, data, strings } = tensor;
    ordered.push(strings === undefined ? { name, type, dims, data } : { name, type, dims, data, strings });
  }
  for (const name in inputs) {
    if (!declared.some((value) => value.name === name)) throw unknownName("input", name, declared);
  }
  return ordered;
}

/**
 * The wanted outputs, each known; empty means all.
 * @throws runtime/bad-input
 */
export function checkOutputs(outputs: readonly string[], declared: readonly Declared[]): void {
  for (const name of outputs) {
    if (!declared.some((value) => value.name === name)) throw unknownName("output", name, declared);
  }
}

/**
 * A tensor has the bytes, or strings, that its type and shape take, and no string that would arrive as another one.
 * @throws runtime/bad-input, runtime/unsupported-type
 */
export function checkTensor(name: string, tensor: Tensor): void {
  const { type, dims, data, strings } = tensor;
  const wanted = type === "string" ? exchangeBytes("uint8", dims) : exchangeBytes(type, dims);
  const got = type === "string" ? (strings?.length ?? 0) : data.byteLength;
  if (got === wanted) {
    // The binding hands strings over as C does (checked with 1.30): what was checked must be what the model sees.
    if (strings?.some((text) => text.includes("\0"))) {
      throw badInput(
        `input ${quote(name)} has a string with a zero byte in it`,
        "ONNX Runtime would cut it there; remove the byte",
      );
    }
    return;
  }
  const what = type === "string" ? "strings" : "bytes";
  throw badInput(
    `input ${quote(name)} has ${got} ${what}, its shape [${dims.join(",")}] takes ${wanted}`,
    "make shape and data agree",
  );
}

function unknownName(kind: "input" | "output", name: string, declared: readonly Declared[]): ModelkeepError {
  const near = nearest(
    name,
    declared.map((value) => value.name),
  );
  const hint = near === undefined ? `the model has ${list(declared)}` : `did you mean ${quote(near)}?`;
  return badInput(`the model has no ${kind} ${quote(name)}`, hint);
}

const list = (declared: readonly Declared[]): string => declared.map(({ name }) => quote(name)).join(", ");

const badInput = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("runtime/bad-input", { message, hint, status: 400 });
