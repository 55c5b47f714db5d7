/** Made-up rows for trying a model out: reproducible, within declared ranges, and different from row to row. */
import { stringTensor, tensorOf } from "../onnx/index.ts";
import type { Tensor } from "../onnx/index.ts";
import type { TensorSpec } from "../onnx/index.ts";
import type { NamedTensor } from "./session.ts";

/** A small generator with a seed (mulberry32, Tommy Ettinger, public domain): probes must be the same at every load. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface SampleOptions {
  readonly rows: number;
  /** Size given to each free dimension behind the first. */
  readonly freeDim: number;
  /** Magnitude of floating-point values where the contract sets no range. */
  readonly scale: number;
  readonly random: () => number;
}

/** One tensor per input with `rows` rows. */
export function sampleInputs(inputs: readonly TensorSpec[], options: SampleOptions): NamedTensor[] {
  return inputs.map((spec) => ({ name: spec.name, ...sample(spec, options) }));
}

function sample(spec: TensorSpec, { rows, freeDim, scale, random }: SampleOptions): Tensor {
  const { type } = spec;
  const dims = [rows, ...spec.dims.slice(1).map((dim) => (typeof dim === "number" ? dim : freeDim))];
  const count = dims.reduce((product, dim) => product * dim, 1);
  const pick = (): number | string | undefined => spec.allowed?.[Math.floor(random() * spec.allowed.length)];
  if (type === "string") {
    return stringTensor(
      dims,
      Array.from({ length: count }, () => String(pick() ?? Math.floor(random() * 10))),
    );
  }
  return tensorOf(
    type,
    dims,
    Array.from({ length: count }, () => Number(pick() ?? between(spec, scale, random))),
  );
}

function between({ type, min, max }: TensorSpec, scale: number, random: () => number): number {
  if (type === "bool") return random() < 0.5 ? 0 : 1;
  const real = type.startsWith("float");
  const low = min ?? (real ? (max === undefined ? -scale : max - scale) : Math.min(0, max ?? 0));
  // Small whole numbers from 0 up: most integer inputs are indices into something, and index 0 to 3 nearly always exists.
  const high = max ?? (real ? low + 2 * scale : low + 3);
  const value = low + random() * (high - low);
  return real ? value : Math.round(value);
}
