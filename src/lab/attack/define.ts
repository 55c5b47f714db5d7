/** How an attack is stated. Files in `attacks/` export such statements; the runner knows no attack. */
import type { z } from "zod";
import type { AttackContext } from "./context.ts";
import type { Knowledge } from "./target.ts";
import type { Norm } from "./threat.ts";

/**
 * What an attack looks for. `radius`: a wrong answer inside a ball of given radius, once for each radius. `distance`: the nearest wrong
 * answer, which says everything about every radius at once. `nothing`: it does not look at the model (corruptions).
 */
export type Aim = "radius" | "distance" | "nothing";

/** What is known of an attack without running it. */
export interface AttackFacts {
  readonly id: string;
  readonly title: string;
  readonly needs: Knowledge;
  readonly aim: Aim;
  readonly norms: readonly Norm[];
  /** Whether it can be told which wrong class to reach. */
  readonly targeted: boolean;
  /** The fewest classes that it means anything for. */
  readonly classes: number;
  readonly references: readonly string[];
}

/** An attack as a value. */
export interface Attack<Params = unknown> extends AttackFacts {
  readonly params: z.ZodType<Params>;
  /** The paper's loop. What it asks of the model through the context is judged there; what it yields besides is asked and judged. */
  run(context: AttackContext<Params>): AsyncGenerator<Candidates | void, void, void>;
}

/** Points to be judged: rows of the batch, and for each of them one example. */
export interface Candidates {
  readonly rows: Int32Array;
  readonly x: Float32Array;
}

/** States an attack; `targeted` is true and `classes` 2 unless said otherwise. */
export function defineAttack<Schema extends z.ZodType>(statement: {
  readonly id: string;
  readonly title: string;
  readonly needs: Knowledge;
  readonly aim: Aim;
  readonly norms: readonly Norm[];
  readonly targeted?: boolean;
  readonly classes?: number;
  readonly params: Schema;
  readonly references: readonly string[];
  run(context: AttackContext<z.infer<Schema>>): AsyncGenerator<Candidates | void, void, void>;
}): Attack<z.infer<Schema>> {
  return { targeted: true, classes: 2, ...statement } as Attack<z.infer<Schema>>;
}
