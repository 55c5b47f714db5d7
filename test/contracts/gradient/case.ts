/** One way to use an operator, with the inputs by which it is differentiated. */
import type fc from "fast-check";
import type { ElementType, GraphBuilder, Tensor } from "../../../src/model/onnx/index.ts";

/** How input values are drawn. */
export type Sampler = (random: () => number, count: number) => number[];

/** A small graph of one operator. */
export interface GradientCase {
  /** Shapes of the float inputs; the graph gets `x0`, `x1`, … */
  readonly inputs: readonly (readonly number[])[];
  /** How each input is drawn; the last one serves the rest. Default: between −1.5 and 1.5. */
  readonly samplers?: readonly Sampler[];
  /** Inputs by which is differentiated; default all. */
  readonly wrt?: readonly number[];
  /** Adds nodes; gives the float output to look at. */
  build(b: GraphBuilder, xs: readonly string[]): string;
  /** Operator set of the graph; default 18. */
  readonly opset?: number;
  /** Whether the second derivative is compared too; default true. */
  readonly second?: boolean;
  /** Whether all dimensions may be left open; default true. */
  readonly open?: boolean;
  /** Shown when it fails. */
  readonly note?: string;
  /** Further inputs that are not differentiated. */
  readonly fixed?: Readonly<Record<string, Tensor>>;
  readonly elementType?: ElementType;
}

/** Ways to use operators, drawn by fast-check. */
export interface CaseFamily {
  /** Operators of the registry that this family covers. */
  readonly ops: readonly string[];
  readonly cases: fc.Arbitrary<GradientCase>;
}

/** Values between two bounds. */
export const between =
  (low: number, high: number): Sampler =>
  (random, count) =>
    Array.from({ length: count }, () => low + (high - low) * random());

/** Values of either sign that keep away from zero. */
export const awayFromZero =
  (low = 0.3, high = 1.5): Sampler =>
  (random, count) =>
    Array.from({ length: count }, () => (random() < 0.5 ? -1 : 1) * (low + (high - low) * random()));

/** Values no two of which are near each other, in any order: for maxima, sorting and steps. Centred on zero, none of them there. */
export const apart =
  (gap = 0.15): Sampler =>
  (random, count) => {
    const values = Array.from({ length: count }, (_, i) => (i - (count - 1) / 2 + 0.25) * gap);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [values[i], values[j]] = [values[j]!, values[i]!];
    }
    return values;
  };
