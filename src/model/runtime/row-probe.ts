/**
 * May requests share a run of this model? Only if a row's answer does not depend on the rows beside it. Many graphs with a free
 * first dimension mix rows all the same: a mean over the batch, batch normalisation in training form, dynamic quantisation (one scale
 * per tensor), random nodes. So it is tried, at load, on the session that will serve:
 *
 *  1. the same batch twice gives the same bits (else the model draws random numbers);
 *  2. a row gives the same bits beside other neighbours, wild ones too, at the same place in a batch of the same size;
 *  3. a row alone gives what it gave in the batch, up to rounding: kernels choose other summation orders for other sizes.
 *
 * What this cannot find is a model that was built to mix rows only for inputs the probe does not draw: `row-proof.ts` does. Where there is no proof
 * and nobody vouches for the model, only requests of one `batchKey` share a run.
 */
import { toNumbers } from "../onnx/index.ts";
import type { ModelContract, TensorSpec } from "../onnx/index.ts";
import { joinRows, rowsOf } from "./rows.ts";
import type { RowProof } from "./row-proof.ts";
import { sampleInputs, seeded } from "./samples.ts";
import type { NamedTensor } from "./session.ts";

/** The verdict on batching. */
export type RowVerdict =
  | {
      readonly independent: true;
      /** The largest difference seen between a row alone and in a batch, relative to the row's largest value. 0: bit-equal. */
      readonly deviation: number;
      /** Whether the graph itself shows it, for every input there can be; otherwise it was only tried, and {@link at} says where the proof ended. */
      readonly proven: boolean;
      readonly at?: string;
    }
  | { readonly independent: false; readonly reason: string };

/** Runs the model once on inputs that may be consumed. */
export type RunOnce = (
  inputs: readonly NamedTensor[],
) => Promise<{ readonly outputs: readonly NamedTensor[]; readonly ms: number }>;

/** The most that rounding may change an output, relative to its row's largest value, by element type. */
const tolerance: Readonly<Record<string, number>> = { float64: 1e-9, float32: 1e-4, float16: 2e-2 };
const rows = 5;
const budgetMs = 3000;
const freeDims = [8, 32, 1, 3, 64, 224];

/** Tries the model out; see the file's head. Never rejects: a model that cannot be tried is not batched. */
export async function probeRows(contract: ModelContract, proof: RowProof, run: RunOnce): Promise<RowVerdict> {
  const refusal = cannotBatch(contract);
  if (refusal !== undefined) return no(refusal);
  const tried = await probeAll(contract, run).catch(() => no("a run failed while it was tried out"));
  return tried.independent ? { ...tried, ...proof } : tried;
}

type Tried =
  | { readonly independent: true; readonly deviation: number }
  | { readonly independent: false; readonly reason: string };

async function probeAll(contract: ModelContract, run: RunOnce): Promise<Tried> {
  const started = performance.now();
  let reason = "no inputs could be made up that it accepts";
  for (const freeDim of contract.inputs.some(hasFreeDim) ? freeDims : [1]) {
    // Small values keep a softmax from saturating; large ones reach the other side of a clip.
    for (const scale of [1, 0.1, 10]) {
      if (performance.now() - started > budgetMs) return no("trying it out took too long");
      const verdict = await probeOnce(contract.inputs, { freeDim, scale }, run);
      if (verdict === "rejected") break;
      if (verdict !== "constant") return verdict;
      reason = "its answer was the same for all inputs that were tried";
    }
  }
  return no(reason);
}

function cannotBatch(contract: ModelContract): string | undefined {
  if (contract.batch !== "dynamic") return "its inputs and outputs do not share a free first dimension";
  if (contract.maxBatch < 2) return "it takes one row at a time";
  const packed = [...contract.inputs, ...contract.outputs].find(({ type }) => type === "int4" || type === "uint4");
  if (packed) return "two rows can share a byte of a 4-bit tensor";
  return undefined;
}

const hasFreeDim = (spec: TensorSpec): boolean => spec.dims.slice(1).some((dim) => typeof dim !== "number");

async function probeOnce(
  inputs: readonly TensorSpec[],
  { freeDim, scale }: { freeDim: number; scale: number },
  run: RunOnce,
): Promise<Tried | "rejected" | "constant"> {
  const random = seeded(20_260_101);
  const draw = (count: number, size: number): NamedTensor[] =>
    sampleInputs(inputs, { rows: count, freeDim, scale: size, random });
  const batch = draw(rows, scale);
  // The middle row stays, with other and wilder neighbours on both sides.
  const middle = Math.floor(rows / 2);
  const disturbed = join([draw(middle, 100 * scale), cut(batch, middle, middle + 1), draw(rows - middle - 1, 100 * scale)]);

  let first: readonly NamedTensor[];
  try {
    first = (await run(copy(batch))).outputs;
  } catch {
    return "rejected";
  }
  const again = (await run(copy(batch))).outputs;
  const beside = await run(copy(disturbed)).then(
    (answer) => answer.outputs,
    () => undefined,
  );
  if (!first.every((output) => output.dims[0] === rows)) return no("an output does not have one row for each input row");
  if (!sameBits(first, again)) return no("the same inputs do not give the same answer twice");
  if (beside === undefined) return no("a row's values can make the run of its neighbours fail");
  if (!sameBits(cut(first, middle, middle + 1), cut(beside, middle, middle + 1)))
    return no("a row's answer depends on its neighbours");

  let deviation = 0;
  for (let row = 0; row < rows; row++) {
    const alone = (await run(cut(batch, row, row + 1))).outputs;
    const difference = deviationOf(cut(first, row, row + 1), alone);
    if (difference === undefined) return no("a row alone gives another answer than in a batch");
    deviation = Math.max(deviation, difference);
  }
  if (allRowsEqual(first)) return "constant";
  return { independent: true, deviation };
}

const no = (reason: string): Tried & RowVerdict => ({ independent: false, reason });
const join = (parts: readonly (readonly NamedTensor[])[]): NamedTensor[] => joinRows(parts, (bytes) => new Uint8Array(bytes));
const cut = (tensors: readonly NamedTensor[], from: number, to: number): NamedTensor[] =>
  tensors.map((tensor) => rowsOf(tensor, from, to));
const copy = (tensors: readonly NamedTensor[]): NamedTensor[] => cut(tensors, 0, rows);

function sameBits(a: readonly NamedTensor[], b: readonly NamedTensor[]): boolean {
  return a.every((tensor, i) => {
    const other = b[i]!;
    return (
      sameList(tensor.dims, other.dims) &&
      sameList(tensor.data, other.data) &&
      sameList(tensor.strings ?? [], other.strings ?? [])
    );
  });
}

function allRowsEqual(outputs: readonly NamedTensor[]): boolean {
  const first = cut(outputs, 0, 1);
  return Array.from({ length: rows }, (_, row) => cut(outputs, row, row + 1)).every((row) => sameBits(first, row));
}

const sameList = <T>(a: ArrayLike<T>, b: ArrayLike<T>): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** The largest relative difference between two answers, or undefined when rounding cannot explain it. */
export function deviationOf(a: readonly NamedTensor[], b: readonly NamedTensor[]): number | undefined {
  let worst = 0;
  for (const [i, tensor] of a.entries()) {
    const other = b[i]!;
    if (sameBits([tensor], [other])) continue;
    const allowed = tolerance[tensor.type];
    if (allowed === undefined || !sameList(tensor.dims, other.dims)) return undefined;
    const difference = relativeDifference(toNumbers(tensor), toNumbers(other));
    if (!(difference <= allowed)) return undefined;
    worst = Math.max(worst, difference);
  }
  return worst;
}

/** Largest difference over largest magnitude. NaN must meet NaN and an infinity itself. */
function relativeDifference(a: readonly number[], b: readonly number[]): number {
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (Object.is(x, y)) continue;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(x - y));
  }
  for (const x of a) if (Number.isFinite(x)) largest = Math.max(largest, Math.abs(x));
  return difference === 0 ? 0 : difference / largest;
}
