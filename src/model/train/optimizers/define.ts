/** What an optimiser is: one update of one weight, written into the step's graph. */
import type { GraphBuilder } from "../../onnx/index.ts";

/** Settings that optimisers read; each reads its own. */
export interface OptimizerSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** Where an update is written. Values are known by name. */
export interface UpdateSite {
  readonly b: GraphBuilder;
  readonly weight: string;
  readonly gradient: string;
  /** The optimiser's state for this weight, by slot. */
  readonly slots: Readonly<Record<string, string>>;
  /** What {@link Optimizer.scalars} gives, as values. */
  readonly scalars: Readonly<Record<string, string>>;
  readonly settings: OptimizerSettings;
}

/** The next weight and state. */
export interface Updated {
  readonly weight: string;
  readonly slots: Readonly<Record<string, string>>;
}

/** An optimiser. */
export interface Optimizer {
  readonly id: string;
  readonly title: string;
  /** Learning rate when none is given. */
  readonly lr: number;
  readonly weightDecay: number;
  /** Tensors of the weight's shape, 0 at first, that it keeps for each weight. */
  slots(settings: OptimizerSettings): readonly string[];
  /** Numbers of one step, computed in double precision. `step` is counted from 1. */
  scalars(step: {
    readonly step: number;
    readonly lr: number;
    readonly settings: OptimizerSettings;
  }): Readonly<Record<string, number>>;
  update(site: UpdateSite): Updated;
}

/** Registers an optimiser. */
export const defineOptimizer = <const Definition extends Optimizer>(optimizer: Definition): Definition => optimizer;

/** a·x + y for a constant a, without the node where a is 0 or 1. */
export function addScaled(b: GraphBuilder, y: string, a: number, x: string): string {
  if (a === 0) return y;
  return b.op("Add", [y, a === 1 ? x : b.op("Mul", [x, b.scalar("float32", a)])]);
}
