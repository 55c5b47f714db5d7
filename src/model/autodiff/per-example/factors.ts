/** Dimensions as factors: where the examples are hidden in an axis that joins them with heads or positions. */
import { rowsSymbol } from "../../onnx/index.ts";
import type { Dim } from "../../onnx/index.ts";

/** A number, or the number of examples, or a product of both. */
export interface Factor {
  readonly n: number;
  readonly rows: boolean;
}

/** Each axis as the factors that it joins, the outermost first. */
export type Groups = readonly (readonly Factor[])[];

const one: Factor = { n: 1, rows: false };
const joined = new RegExp(`^(\\d+)\\*${rowsSymbol}$`);

function factorOf(dim: Dim): Factor | undefined {
  if (typeof dim === "number") return { n: dim, rows: false };
  if (dim === rowsSymbol) return { n: 1, rows: true };
  const found = dim === null ? null : joined.exec(dim);
  return found === null ? undefined : { n: Number(found[1]), rows: true };
}

/** Whether an axis holds the examples together with something else. */
export const isJoined = (dim: Dim): boolean => typeof dim === "string" && joined.test(dim);

/** Dimensions as factors; undefined when one of them is neither. */
export function factorsOf(dims: readonly Dim[] | undefined): readonly Factor[] | undefined {
  const factors = dims?.map(factorOf);
  return factors?.every((factor) => factor !== undefined) ? factors : undefined;
}

const isOne = ({ n, rows }: Factor): boolean => n === 1 && !rows;
const divides = (a: Factor, b: Factor): boolean => a.n > 0 && b.n % a.n === 0 && (!a.rows || b.rows);
const quotient = (a: Factor, b: Factor): Factor => ({ n: a.n / b.n, rows: a.rows && !b.rows });

/**
 * The axes `to` of a tensor whose elements in order have the axes `from`, each as the factors that it joins; the examples are a factor of their own.
 * Undefined where the axes cannot be told apart.
 */
export function refine(from: readonly Factor[], to: readonly Factor[]): Groups | undefined {
  const groups: Factor[][] = [];
  const waiting = from.filter((factor) => !isOne(factor));
  for (const axis of to) {
    const group: Factor[] = [];
    for (let open = axis; !isOne(open);) {
      const next = waiting[0];
      const part = next === undefined ? undefined : divides(next, open) ? next : divides(open, next) ? open : undefined;
      if (next === undefined || part === undefined || (part.rows && part.n > 1)) return undefined;
      group.push(part);
      open = quotient(open, part);
      const left = quotient(next, part);
      if (isOne(left)) waiting.shift();
      else waiting[0] = left;
    }
    groups.push(group.length === 0 ? [one] : group);
  }
  return waiting.length === 0 ? groups.map(tidy) : undefined;
}

/**
 * The same where the file was written for one batch size, and `to` are its numbers. The examples stay together, so that there is one way to find them; with
 * a batch of 1 they could be anywhere.
 */
export function refineFixed(from: readonly Factor[], to: readonly number[], batch: number): Groups | undefined {
  const groups: Factor[][] = [];
  const waiting = from.filter((factor) => !isOne(factor));
  for (const axis of to) {
    const group: Factor[] = [];
    for (let open = axis; open !== 1;) {
      const next = waiting[0];
      if (next === undefined || open < 1) return undefined;
      const size = next.rows ? next.n * batch : next.n;
      if (open % size === 0) {
        group.push(next);
        waiting.shift();
        open /= size;
      } else if (!next.rows && size % open === 0) {
        group.push({ n: open, rows: false });
        waiting[0] = { n: size / open, rows: false };
        open = 1;
      } else return undefined;
    }
    groups.push(group.length === 0 ? [one] : group);
  }
  return waiting.length === 0 ? groups.map(tidy) : undefined;
}

/** What holds no examples is one axis again. */
const tidy = (group: readonly Factor[]): readonly Factor[] =>
  group.some(({ rows }) => rows) ? group : [{ n: group.reduce((product, { n }) => product * n, 1), rows: false }];

/** Whether every axis is one factor: nothing is joined with the examples. */
export const isPlain = (groups: Groups): boolean => groups.every((group) => group.length === 1);

/** How many axes stand before one, once all are apart. */
export const axesBefore = (groups: Groups, axis: number): number =>
  groups.slice(0, axis).reduce((count, group) => count + group.length, 0);

/** Axes as a Reshape takes them: the examples are what is left over. */
export const targetOf = (groups: Groups): readonly number[] => groups.flat().map(({ n, rows }) => (rows ? -1 : n));

export const sameGroups = (a: Groups, b: Groups): boolean => JSON.stringify(a) === JSON.stringify(b);
