/** Everything that loading a file as pickles would do: one after another, as joblib reads it and as plain `pickle.load` does. */

import { isModelkeepError } from "../../../base/error/index.ts";
import type { ByteSource } from "../bytes/source.ts";
import { Input } from "./input.ts";
import { isWrapper, wrappedArray } from "./joblib.ts";
import type { WrappedArray } from "./joblib.ts";
import { Judge } from "./judge.ts";
import type { Refusal } from "./judge.ts";
import { Machine } from "./machine.ts";
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
const maxPickles = 200_000;

/** Imports that plain reading makes of an array of objects, whose own memo it takes for the file's: words of the wrapper, and no modules. */
const confused = /^(NumpyArrayWrapper|subclass|ndarray|dtype|shape|order|allow_mmap|numpy_array_alignment_bytes|[CF])\.\w+$/;

/**
 * Runs the pickles of a file, the first from `start`.
 * @throws scan/refused
 */
export function tracePickles(source: ByteSource, start = 0): PickleTrace {
  const wrapped: Wrapped = { arrays: new Map(), seen: new Set() };
  const input = new Input(source, start, "either");
  const main = runAll(input, wrapped);
  if (wrapped.seen.size === 0) return main;
  // `pickle.load` does not know of the arrays: what it would make of their bytes counts as well.
  const plain = runAll(input.from(start), undefined);
  const known = new Set(main.refusals.map(({ offset }) => offset));
  const more = plain.refusals.filter(({ offset, subject }) => !known.has(offset) && !confused.test(subject));
  return { ...main, refusals: [...main.refusals, ...more] };
}

function runAll(first: Input, wrapped: Wrapped | undefined): PickleTrace {
  const judge = new Judge();
  const { source } = first;
  if (wrapped !== undefined) judge.afterBuild = (target, input) => passArray(target, { input, wrapped, judge });
  const values: Value[] = [];
  let [count, end, opcodes] = [0, first.position, 0];
  let failure: string | undefined;
  for (let input = first; end < source.sizeBytes || count === 0; input = input.from(end)) {
    if (count >= maxPickles) {
      failure = `there are more than ${maxPickles} pickles, one after another`;
      break;
    }
    const before = judge.refusals.length;
    const outcome = new Machine({ input, listener: judge }).run();
    opcodes += outcome.opcodes;
    if (outcome.failure !== undefined) {
      if (count > 0 && !isPlausible(source, end, judge.refusals.slice(before))) judge.refusals.length = before;
      else if (count === 0 || judge.refusals.length > before) failure = `${outcome.failure} at byte ${outcome.position}`;
      break;
    }
    count++;
    end = outcome.position;
    if (values.length < 8) values.push(outcome.value as Value);
  }
  const { refusals, globals, nested, storages } = judge;
  return { count, refusals, globals, nested, storages, arrays: wrapped?.arrays ?? new Map(), end, failure, values, opcodes };
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
  /** Wrappers that have had a state. */
  readonly seen: Set<Value>;
  readonly arrays: Map<Value, WrappedArray>;
}

interface Passing {
  readonly input: Input;
  readonly wrapped: Wrapped;
  readonly judge: Judge;
}

type Moved = { readonly position: number; readonly replace?: Value } | undefined;

/**
 * Where joblib goes on after an array. INVARIANT: a wrapper is passed exactly as joblib passes it, or refused: a difference of one byte
 * makes opcodes of one what is data to the other.
 */
function passArray(target: Value, { input, wrapped, judge }: Passing): Moved {
  if (!isWrapper(target)) return undefined;
  const { source, position } = input;
  const again = wrapped.seen.has(target);
  wrapped.seen.add(target);
  // `pickle.py` reads a frame as a whole, so that joblib finds the array behind the frame and not behind the opcode.
  if (again || position < input.frameReach) {
    judge.hidden(target, again ? "an array of joblib gets a state twice" : "an array of joblib begins inside a frame", position);
    return undefined;
  }
  try {
    const array = wrappedArray(target, source, position);
    if (array === undefined) return passObjects(input, judge);
    wrapped.arrays.set(array.data, array);
    return { position: array.data.offset + array.data.length, replace: array.data };
  } catch (error) {
    if (!isModelkeepError(error)) throw error;
    judge.hidden(target, error.message, position);
    return undefined;
  }
}

/** An array of objects is a pickle of its own between the opcodes, read by plain `pickle.load`. */
function passObjects(input: Input, judge: Judge): Moved {
  const { afterBuild } = judge;
  judge.afterBuild = undefined;
  const { failure, position, value } = new Machine({ input: input.from(input.position), listener: judge }).run();
  judge.afterBuild = afterBuild;
  return failure === undefined ? { position, replace: value as Value } : undefined;
}
