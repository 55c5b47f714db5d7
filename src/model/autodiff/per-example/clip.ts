/** From contributions to norms, from norms to factors, from factors to sums. */
import type { Ops } from "../ops/index.ts";
import type { Value } from "../value.ts";
import type { Contribution } from "./contribution.ts";
import type { ClipLayer } from "./layers.ts";
import { squaredNorms } from "./norms.ts";
import { carriedBack } from "./parameters.ts";
import type { Site, Use } from "./uses.ts";
import { userNorms } from "./users.ts";
import type { Users } from "./users.ts";

/** What keeps divisions finite; no norm of interest is so small. */
export const tiny = 1e-30;

interface ToMeasure {
  readonly contributions: ReadonlyMap<string, readonly Contribution[]>;
  readonly wanted: readonly string[];
  readonly layers: readonly ClipLayer[];
  readonly users: Users | undefined;
  readonly losses: Value;
}

/** Squared norms, one for each example or user. */
export interface Norms {
  readonly byParameter: readonly Value[];
  readonly byLayer: readonly Value[];
  readonly flat: Value;
}

/** Squared norms by parameter, by layer and of everything. */
export function allNorms(op: Ops, { contributions, wanted, layers, users, losses }: ToMeasure): Norms {
  const total = (parts: readonly Value[]): Value => parts.reduce((a, b) => op.add(a, b));
  const none = (): Value => (users === undefined ? op.zerosLike(losses) : op.full([users.count], 0, losses));
  const byParameter = wanted.map((name) => {
    const all = contributions.get(name);
    if (all === undefined) return none();
    return users === undefined ? squaredNorms(op, all) : { ...userNorms(op, all, users), dims: users.ids.dims };
  });
  const byLayer = layers.map(({ parameters }) => total(parameters.map((name) => byParameter[wanted.indexOf(name)]!)));
  return { byParameter, byLayer, flat: total(byParameter) };
}

/** Vectors as the columns of a matrix. */
export const stacked = (op: Ops, columns: readonly Value[]): Value => {
  const parts = columns.map((column) => op.unsqueeze(column, [1]));
  return op.concat(parts, 1);
};

interface ToClip {
  readonly site: Site;
  readonly uses: readonly Use[];
  readonly end: number;
  readonly layers: readonly ClipLayer[];
  readonly clip: Value;
  /** Squared norms by layer, or one for all. */
  readonly norms: readonly Value[];
  readonly users: Users | undefined;
}

/** Σᵢ gᵢ min(1, C/‖gᵢ‖) for each parameter. */
export function clippedSums({ site, uses, end, layers, clip, norms, users }: ToClip): ReadonlyMap<string, Value> {
  const { op } = site.trace;
  const factorsOf = (norm: Value, bound: Value): Value => {
    const factors = op.min(op.div(bound, op.max(op.sqrt(norm), tiny)), 1);
    return users === undefined ? factors : op.gather(factors, users.ofExample, 0);
  };
  if (clip.dims?.length === 0) return carriedBack(site, { uses, factors: factorsOf(norms[0]!, clip), end });
  const sums = new Map<string, Value>();
  for (const [i, { parameters }] of layers.entries()) {
    const bound = op.slice(clip, [{ axis: 0, start: i, end: i + 1 }]);
    const carried = carriedBack(site, { uses, factors: factorsOf(norms[i]!, bound), end });
    for (const name of parameters) if (carried.has(name)) sums.set(name, carried.get(name)!);
  }
  return sums;
}
