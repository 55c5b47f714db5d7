/** Every question to a model is counted before it is asked, by row and in all; what the budget does not cover is not asked. */

/** How much an attack may ask. Absent means no limit. */
export interface Budget {
  /** Answers of the model for each example. */
  readonly queries?: number;
  /** Answers of the model in all. */
  readonly totalQueries?: number;
  /** Gradients for each example; each is a forward and a backward pass. */
  readonly gradients?: number;
  /** Wall time in all, milliseconds. */
  readonly timeMs?: number;
}

/** What was asked. */
export interface Counts {
  /** Answers by example, in the order of the data. */
  readonly queries: Float64Array;
  readonly gradients: Float64Array;
}

/** Counts and limits of one run over `size` examples. */
export interface Ledger extends Counts {
  /** Of these examples those that may be asked once more; they are counted as asked. INVARIANT: no count passes its limit. */
  spend(kind: "queries" | "gradients", examples: Int32Array): Uint8Array;
  /** How often all of these examples may still be asked, each once every time; infinite without a limit. */
  rounds(kind: "queries" | "gradients", examples: Int32Array): number;
  /** Counts so many rounds of all these examples as asked, or as many as there are; says how many. */
  spendRounds(kind: "queries" | "gradients", examples: Int32Array, wanted: number): number;
  /** Whether an example has used up what it had. */
  exhausted(example: number): boolean;
  readonly totalQueries: number;
  readonly totalGradients: number;
}

/** A ledger; it may begin with what an earlier run has spent. */
export function createLedger(size: number, budget: Budget, spent?: Counts): Ledger {
  const counts = {
    queries: spent?.queries.slice() ?? new Float64Array(size),
    gradients: spent?.gradients.slice() ?? new Float64Array(size),
  };
  const total = { queries: sum(counts.queries), gradients: sum(counts.gradients) };
  const each = { queries: budget.queries ?? Infinity, gradients: budget.gradients ?? Infinity };
  const all = { queries: budget.totalQueries ?? Infinity, gradients: Infinity };
  const out = (kind: "queries" | "gradients", example: number): boolean =>
    counts[kind][example]! >= each[kind] || total[kind] >= all[kind];
  const rounds: Ledger["rounds"] = (kind, examples) => {
    const least = examples.reduce((left, example) => Math.min(left, each[kind] - counts[kind][example]!), Infinity);
    return Math.max(0, Math.min(least, Math.floor((all[kind] - total[kind]) / examples.length)));
  };
  return {
    ...counts,
    get totalQueries() {
      return total.queries;
    },
    get totalGradients() {
      return total.gradients;
    },
    spend(kind, examples) {
      return Uint8Array.from(examples, (example) => {
        if (out(kind, example)) return 0;
        counts[kind][example]!++;
        total[kind]++;
        return 1;
      });
    },
    rounds,
    spendRounds(kind, examples, wanted) {
      const made = Math.min(wanted, rounds(kind, examples));
      for (const example of examples) counts[kind][example]! += made;
      total[kind] += made * examples.length;
      return made;
    },
    exhausted: (example) => out("queries", example) || out("gradients", example),
  };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
