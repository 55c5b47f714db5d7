/** Everything that loading a file as pickles would do: one after another, as joblib reads it and as plain `pickle.load` does. */

import { isModelkeepError } from "../../../base/error/index.ts";
import type { ByteSource } from "../bytes/source.ts";
import { isWrapper, wrappedArray } from "./joblib.ts";
import type { WrappedArray } from "./joblib.ts";
import { Judge } from "./judge.ts";
import type { Refusal } from "./judge.ts";
import { Machine } from "./machine.ts";
import type { Outcome } from "./machine.ts";
import type { PyBytes, Value } from "./values.ts";

export interface PickleTrace {
  /** Pickles that reached STOP. */
  readonly count: number;
  readonly refusals: readonly Refusal[];
  readonly globals: ReadonlySet<string>;
  readonly nested: readonly PyBytes[];
  /** Ids of persistent values, as the loader would get them. */
  readonly storages: readonly Value[];
  /** Arrays that joblib puts between the opcodes, by the value that stands for them. */
  readonly arrays: ReadonlyMap<Value, WrappedArray>;
  /** Where the last complete pickle ends. */
  readonly end: number;
  /** Why the last one fails, when nothing before it was whole or when it did something before it failed. */
  readonly failure: string | undefined;
  /** What the first pickles gave, at most eight. */
  readonly values: readonly Value[];
  readonly opcodes: number;
}

/** Pickles in one file that are looked at one by one; more is no data format. */
const maxPickles = 100_000;

/**
 * Runs the pickles of a file, the first from `start`.
 * @throws scan/refused
 */
export function tracePickles(source: ByteSource, start = 0): PickleTrace {
  const wrapped: Wrapped = { found: false, arrays: new Map() };
  const main = runAll(source, start, wrapped);
  if (!wrapped.found) return main;
  // `pickle.load` does not know of the arrays: what it would make of their bytes counts as well.
  const plain = runAll(source, start, undefined);
  const known = new Set(main.refusals.map(({ offset }) => offset));
  return { ...main, refusals: [...main.refusals, ...plain.refusals.filter(({ offset }) => !known.has(offset))] };
}

function runAll(source: ByteSource, start: number, wrapped: Wrapped | undefined): PickleTrace {
  const judge = new Judge();
  if (wrapped !== undefined) judge.afterBuild = (target, position) => passArray(source, { target, position, wrapped, judge });
  const values: Value[] = [];
  let [count, end, opcodes] = [0, start, 0];
  let failure: string | undefined;
  while (count < maxPickles) {
    const before = judge.refusals.length;
    const outcome = runOne(source, end, judge);
    opcodes += outcome.opcodes;
    if (outcome.failure !== undefined) {
      if (count > 0 && !isPlausible(source, end, judge.refusals.slice(before))) judge.refusals.length = before;
      else if (count === 0 || judge.refusals.length > before) failure = `${outcome.failure} at byte ${outcome.position}`;
      break;
    }
    count++;
    end = outcome.position;
    if (values.length < 8) values.push(outcome.value as Value);
    if (end >= source.sizeBytes) break;
  }
  const { refusals, globals, nested, storages } = judge;
  return { count, refusals, globals, nested, storages, arrays: wrapped?.arrays ?? new Map(), end, failure, values, opcodes };
}

function runOne(source: ByteSource, start: number, judge: Judge): Outcome {
  return new Machine({ source, start, dialect: "either", listener: judge }).run();
}

/** Raw data after a pickle can begin like an import by chance; an import that could succeed has names for a module. */
function isPlausible(source: ByteSource, start: number, refusals: readonly Refusal[]): boolean {
  const [first, second] = source.read(start, 2);
  if (first === 0x80 && second! <= 5) return refusals.length > 0;
  return refusals.some(couldHappen);
}

/** True for an import that Python could carry out: both names are dotted identifiers. */
export function couldHappen({ subject, what }: Refusal): boolean {
  return what !== "import" || /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)+$/u.test(subject);
}

interface Wrapped {
  found: boolean;
  readonly arrays: Map<Value, WrappedArray>;
}

interface Built {
  readonly target: Value;
  readonly position: number;
  readonly wrapped: Wrapped;
  readonly judge: Judge;
}

function passArray(
  source: ByteSource,
  { target, position, wrapped, judge }: Built,
): { position: number; replace?: Value } | undefined {
  if (!isWrapper(target)) return undefined;
  wrapped.found = true;
  try {
    const array = wrappedArray(target, source, position);
    if (array === undefined) return passObjects(source, position, judge);
    wrapped.arrays.set(array.data, array);
    return { position: array.data.offset + array.data.length, replace: array.data };
  } catch (error) {
    if (isModelkeepError(error)) return undefined; // joblib would stop here; the plain reading goes on
    throw error;
  }
}

/** An array of objects is a pickle of its own between the opcodes, read by plain `pickle.load`. */
function passObjects(source: ByteSource, start: number, judge: Judge): { position: number; replace?: Value } | undefined {
  const { afterBuild } = judge;
  judge.afterBuild = undefined;
  const { failure, position, value } = runOne(source, start, judge);
  judge.afterBuild = afterBuild;
  return failure === undefined ? { position, replace: value as Value } : undefined;
}
