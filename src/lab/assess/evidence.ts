/** What an attack left behind that says whether it was any good. */
import type { AttackResult } from "../attack/index.ts";

export interface AttackEvidence {
  /** For each radius, of the examples that stood at the end: the share whose loss still rose in the last steps; NaN when not recorded. */
  readonly stillRising: readonly number[];
  /** For each radius, examples standing when each start began. */
  readonly restarts: readonly (readonly number[])[];
  /** Share of attempted examples whose first gradient was zero everywhere. */
  readonly zeroGradients: number;
  readonly nonFinite: number;
}

/** A rise of the best loss in the last ten steps by more than a twentieth of its whole rise (Pintor et al. 2022, arXiv:2106.09947). */
const lateRise = 0.05;

/** Reads it off a result. */
export function evidenceOf(result: AttackResult): AttackEvidence {
  const passes = result.perEpsilon;
  const attempted = passes.reduce((sum, pass) => sum + pass.attempted.reduce((a, b) => a + b, 0), 0);
  const zero = passes.reduce((sum, pass) => sum + pass.zeroGradients.reduce((a, b) => a + b, 0), 0);
  return {
    stillRising: passes.map(({ trace, success }) => {
      const rises = [...trace.lateRise].filter((rise, example) => success[example] === 0 && !Number.isNaN(rise));
      return rises.length === 0 ? Number.NaN : rises.filter((rise) => rise > lateRise).length / rises.length;
    }),
    restarts: passes.map(({ restarts }) => restarts),
    zeroGradients: attempted === 0 ? 0 : zero / attempted,
    nonFinite: result.nonFinite.answers + result.nonFinite.gradients,
  };
}
