/** The bundled digit classifier with sixteen digits and PyTorch's logits for them. */
import { readFileSync } from "node:fs";
import { toFloat } from "../../src/model/onnx/index.ts";
import type { NamedTensor } from "../../src/model/runtime/session.ts";
import { readNpy } from "./npy.ts";

const root = new URL("../../", import.meta.url);

export const digitsModel = (): Uint8Array => readFileSync(new URL("examples/models/digits.onnx", root));

const npy = (name: string): Float32Array => toFloat(readNpy(new URL(`test/fixtures/digits/${name}`, root)));

const pixels = npy("x.npy");
const logits = npy("logits.npy");
export const digitCount = logits.length / 10;

/** Digits `from` up to `to` as a batch. */
export function digits(from: number, to: number): { input: NamedTensor } {
  const part = pixels.slice(from * 784, to * 784);
  return { input: { name: "input", type: "float32", dims: [to - from, 1, 28, 28], data: new Uint8Array(part.buffer) } };
}

/** What PyTorch said of digits `from` up to `to`. */
export const expectedLogits = (from: number, to: number): number[] => [...logits.subarray(from * 10, to * 10)];

export const digitsContract = {
  inputs: [{ name: "input", type: "float32", dims: ["N", 1, 28, 28] }],
  outputs: [{ name: "logits", type: "float32", dims: ["N", 10] }],
  batch: "dynamic",
  maxBatch: 256,
} as const;
