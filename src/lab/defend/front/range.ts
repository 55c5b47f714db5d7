/** The range of an input's values, as parameters that several defences share. */
import { z } from "zod";
import type { GraphBuilder } from "../../../model/onnx/index.ts";

/** Where nothing is said, values lie in 0 … 1. Whoever knows the data fills these in. */
export const rangeParams = {
  low: z.number().default(0).describe("least value of an input"),
  high: z.number().default(1).describe("greatest value of an input"),
};

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Nodes that stretch `low … high` to `0 … top`, and back. */
export function stretch(b: GraphBuilder, x: string, { low, high, top }: Range & { readonly top: number }): string {
  const moved = low === 0 ? x : b.op("Sub", [x, b.scalar("float32", low)]);
  return b.op("Mul", [moved, b.scalar("float32", top / (high - low))]);
}

export function shrink(b: GraphBuilder, x: string, { low, high, top }: Range & { readonly top: number }): string {
  const back = b.op("Mul", [x, b.scalar("float32", (high - low) / top)]);
  return low === 0 ? back : b.op("Add", [back, b.scalar("float32", low)]);
}
