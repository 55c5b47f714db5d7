/** Inputs that are pictures, whichever way round their axes are: defences that look at neighbouring pixels work on [N, channels, height, width]. */
import type { Dim } from "../../../model/onnx/index.ts";
import { unsupported } from "../refuse.ts";
import type { DefenceSite } from "./define.ts";

export interface Picture {
  /** The value as [N, channels, height, width]. */
  readonly value: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Another value of that shape with the axes as they came. */
  back(value: string): string;
}

/** Whether inputs of these dimensions are pictures of a known size. */
export function isPicture(dims: readonly Dim[]): boolean {
  const sizes = dims.slice(1);
  return (
    sizes.length === 3 &&
    sizes.every((size) => typeof size === "number") &&
    [sizes[0], sizes[2]].some((size) => isPlanes(size as number))
  );
}

/**
 * PyTorch has one or three planes before the sizes, TensorFlow behind them.
 * @throws defend/unsupported-model
 */
export function pictureOf({ b, x, dims }: Pick<DefenceSite<unknown>, "b" | "x" | "dims">, what: string): Picture {
  const [, a, m, z] = dims;
  const sizes = dims.length === 4 ? [a, m, z] : [];
  if (!sizes.every((size) => typeof size === "number") || sizes.length === 0)
    throw noPicture(what, dims, "export the model with pictures of a fixed size as its input");
  const [first, middle, last] = sizes as [number, number, number];
  if (isPlanes(first)) return { value: x, channels: first, height: middle, width: last, back: (value) => value };
  if (isPlanes(last)) {
    return {
      value: b.op("Transpose", [x], { perm: [0, 3, 1, 2] }),
      channels: last,
      height: first,
      width: middle,
      back: (value) => b.op("Transpose", [value], { perm: [0, 2, 3, 1] }),
    };
  }
  throw noPicture(what, dims, "pictures have one plane or three: [N, 3, height, width] or [N, height, width, 3]");
}

const isPlanes = (size: number): boolean => size === 1 || size === 3;

const noPicture = (what: string, dims: readonly Dim[], hint: string) =>
  unsupported(`${what} works on pictures, and the model's input is [${dims.map((dim) => dim ?? "?").join(", ")}]`, hint);
