/** From what a run found to what it says. */
import { makeTensor } from "../../model/onnx/index.ts";
import type { Tensor } from "../../model/onnx/index.ts";
import type { Room } from "./ball.ts";
import type { Repair } from "./constraints/repair.ts";
import type { AttackFacts } from "./define.ts";
import type { AttackOptions } from "./run-attack.ts";
import type { AttackResult, AttackState, EpsilonResult, PassRecord, Stopped } from "./result.ts";

/** What a run knows at its end. */
export interface RunEnd {
  readonly options: AttackOptions;
  readonly epsilons: readonly number[];
  readonly params: unknown;
  readonly seed: number;
  readonly size: number;
  readonly repair: Repair;
  readonly stopped: Stopped | undefined;
  readonly state: AttackState;
}

/**
 * Whether a distance counts as within a radius: points are stored as float32, so that one at the very edge may come out a rounding error
 * farther away (ART#507 counted such points as failures).
 */
export function withinRadius(room: Room, epsilon: number): (distance: number) => boolean {
  let largest = 1;
  for (const side of [room.low, room.high])
    for (const value of side) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  const rounding = room.norm === "l0" ? 0 : largest * 2 ** -23 * (room.norm === "linf" ? 1 : Math.sqrt(room.rowSize));
  return (distance) => distance <= epsilon * (1 + 1e-6) + rounding;
}

/** The result of a run, also of one that was stopped. */
export function resultOf(attack: AttackFacts, end: RunEnd): AttackResult {
  const { options, epsilons, params, seed, size, repair, stopped, state } = end;
  const { findings, counts } = state;
  const clean = state.clean ?? new Uint8Array(size);
  const dims = [size, ...options.target.rowDims];
  const perEpsilon = epsilons.map((epsilon): EpsilonResult => {
    const within = withinRadius(repair.room, epsilon);
    const success = Uint8Array.from(findings.distance, (far, example) => (within(far) || wrong(state, example) ? 1 : 0));
    const pass = mergePasses(passesFor(attack, state.perEpsilon, epsilon), size);
    return {
      epsilon,
      success,
      robust: success.reduce((left, fell) => left - fell, size) / size,
      adversarial: tensorWhere(success, { found: findings.nearest, x: options.x, dims }),
      ...pass,
    };
  });
  return {
    attack: attack.id,
    title: attack.title,
    norm: options.threat.norm,
    params,
    seed,
    size,
    clean,
    perEpsilon,
    distance: findings.distance,
    nearest: floatTensor(findings.nearest.slice(), dims),
    brokenBy: findings.brokenBy,
    counts,
    totalQueries: counts.queries.reduce((a, b) => a + b, 0),
    totalGradients: counts.gradients.reduce((a, b) => a + b, 0),
    nonFinite: {
      answers: findings.nonFinite,
      gradients: state.perEpsilon.reduce((sum, pass) => sum + pass.nonFiniteGradients, 0),
    },
    ...(stopped === undefined ? {} : { stopped }),
    state,
  };
}

/** Wrong to begin with: whatever the goal, the model is not right about it. */
const wrong = ({ clean }: AttackState, example: number): boolean => clean !== undefined && clean[example] === 0;

const passesFor = (attack: AttackFacts, passes: readonly PassRecord[], epsilon: number): readonly PassRecord[] =>
  attack.aim === "distance" ? passes : passes.filter((pass) => pass.epsilon === epsilon);

/** Batches, and parts of a run that was stopped in between, as one. */
function mergePasses(
  passes: readonly PassRecord[],
  size: number,
): Omit<EpsilonResult, "epsilon" | "success" | "robust" | "adversarial"> {
  const total = (of: (pass: PassRecord) => number): number => passes.reduce((sum, pass) => sum + of(pass), 0);
  const any = (of: (pass: PassRecord) => Uint8Array): Uint8Array =>
    Uint8Array.from({ length: size }, (_, i) => (passes.some((pass) => of(pass)[i] === 1) ? 1 : 0));
  const longest = Math.max(0, ...passes.map(({ trace }) => trace.mean.length));
  const meanAt = (step: number): number => {
    const there = passes.map(({ trace }) => trace.mean[step]).filter((value) => value !== undefined);
    return there.reduce((a, b) => a + b, 0) / there.length;
  };
  return {
    attempted: any((pass) => pass.attempted),
    broken: any((pass) => pass.broken),
    queries: total((pass) => pass.queries),
    gradients: total((pass) => pass.gradients),
    milliseconds: total((pass) => pass.milliseconds),
    trace: {
      mean: Array.from({ length: longest }, (_, step) => meanAt(step)),
      lateRise: Float64Array.from(
        { length: size },
        (_, i) => passes.map(({ trace }) => trace.lateRise[i]!).findLast((rise) => rise === rise) ?? NaN,
      ),
    },
    restarts: Array.from({ length: Math.max(0, ...passes.map(({ restarts }) => restarts.length)) }, (_, i) =>
      total((pass) => pass.restarts[i] ?? 0),
    ),
    zeroGradients: any((pass) => pass.zeroGradients),
  };
}

function tensorWhere(
  success: Uint8Array,
  { found, x, dims }: { found: Float32Array; x: Float32Array; dims: readonly number[] },
): Tensor {
  const out = x.slice();
  const width = x.length / success.length;
  for (const [example, fell] of success.entries()) {
    if (fell === 1) out.set(found.subarray(example * width, (example + 1) * width), example * width);
  }
  return floatTensor(out, dims);
}

const floatTensor = (values: Float32Array, dims: readonly number[]): Tensor =>
  makeTensor("float32", dims, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
