/** Holds a decoded request against the contract of its model: after this, every tensor is one that the model declared to take. */
import { ModelkeepError, nearest, quote, type ErrorCode } from "../../../base/error/index.ts";
import type { Tensor, TensorSpec } from "../../../model/onnx/index.ts";
import { datatypeOf } from "../protocol/datatypes.ts";
import type { InferRequest, RequestInput } from "../protocol/decode.ts";
import type {} from "./errors.ts";
import { writeDims, type GuardedContract } from "./guarded-contract.ts";
import { elementText, firstNonFinite, firstNotAllowed, firstOutside } from "./scan-values.ts";

/** A request that its model can run. */
export interface CheckedRequest {
  /** Examples in the request, which is what is charged: the size of the batch, or the largest free first dimension of a model without one. */
  readonly rows: number;
  /** Tensors by input name, exactly the inputs of the contract. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Outputs to answer, in the order asked for, or all in the contract's order. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[];
}

/** Sizes that the request has given to names of free dimensions so far, with the input that gave each first. */
type Sizes = Map<string, { readonly size: number; readonly input: string }>;

/**
 * Checks names, datatypes, shapes, the size of the batch, and then every element.
 *
 * @param contract what the caller may see of the model: pass released outputs, not the model's own, where a release rule applies
 * @throws `gateway/missing-input`, `gateway/unknown-input`, `gateway/unknown-output`, `gateway/wrong-datatype`,
 *   `gateway/wrong-shape`, `gateway/too-many-rows`, `gateway/not-finite`, `gateway/out-of-range`, all with status 400
 * @example
 * const { rows, inputs, outputs } = checkAgainstContract(decodeInfer(body, plan, limits), model.contract);
 */
export function checkAgainstContract(request: InferRequest, contract: GuardedContract): CheckedRequest {
  const byName = new Map<string, RequestInput>();
  for (const input of request.inputs) byName.set(input.name, input);
  const inputs = Object.create(null) as Record<string, Tensor>;
  const sizes: Sizes = new Map();
  for (const spec of contract.inputs) {
    const input = byName.get(spec.name);
    if (input === undefined) throw missingInput(spec, request, contract);
    checkKind(input.tensor, spec);
    checkShape(input.tensor, spec, contract, sizes);
    inputs[spec.name] = input.tensor;
  }
  if (byName.size > contract.inputs.length) throw unknownInput(request, contract);
  const outputs = checkOutputs(request, contract);
  const rows = countRows(inputs, contract);
  // Elements come last: all that is cheap has been checked by then.
  for (const spec of contract.inputs) checkValues(inputs[spec.name]!, spec);
  return { rows, inputs, outputs };
}

function checkKind({ type }: Tensor, spec: TensorSpec): void {
  if (type === spec.type) return;
  const want = datatypeOf(spec.type) ?? spec.type;
  const hint =
    type === "string" || spec.type === "string"
      ? `send it as ${want}`
      : `send it as ${want}, with numpy \`x.astype("${spec.type}")\``;
  throw refuse(
    "gateway/wrong-datatype",
    `input ${quote(spec.name)} has datatype ${datatypeOf(type)}, the model takes ${want}`,
    hint,
  );
}

function checkShape({ dims }: Tensor, spec: TensorSpec, contract: GuardedContract, sizes: Sizes): void {
  if (dims.length !== spec.dims.length) throw wrongShape(dims, spec, rankHint(dims, spec));
  for (let axis = 0; axis < dims.length; axis++) {
    const size = dims[axis]!;
    const want = spec.dims[axis]!;
    if (typeof want === "number") {
      if (size !== want) throw wrongShape(dims, spec, `dimension ${axis} must be ${want}`);
      continue;
    }
    const isBatch = axis === 0 && contract.batch === "dynamic";
    if (size === 0 && (isBatch || contract.allowEmpty !== true)) throw wrongShape(dims, spec, `dimension ${axis} must not be 0`);
    if (want !== null) checkNamedSize({ dims, spec, name: want, size }, contract, sizes);
  }
}

interface NamedSize {
  readonly dims: readonly number[];
  readonly spec: TensorSpec;
  readonly name: string;
  readonly size: number;
}

/** One name of a free dimension means one size throughout a request. */
function checkNamedSize({ dims, spec, name, size }: NamedSize, contract: GuardedContract, sizes: Sizes): void {
  const known = sizes.get(name);
  if (known === undefined) {
    sizes.set(name, { size, input: spec.name });
    const range = contract.dimRanges?.get(name);
    if (range !== undefined && (size < range.min || size > range.max)) {
      throw wrongShape(dims, spec, `${quote(name)} may be ${range.min} to ${range.max}`);
    }
  } else if (known.size !== size) {
    throw wrongShape(
      dims,
      spec,
      `${quote(name)} is ${known.size} in input ${quote(known.input)} and must be the same everywhere`,
    );
  }
}

function countRows(inputs: Readonly<Record<string, Tensor>>, contract: GuardedContract): number {
  let rows = 1;
  for (const { name, dims } of contract.inputs) {
    // Without a common batch a free first dimension, a sequence perhaps, is still what the work grows with.
    if (contract.batch !== "none" || typeof dims[0] !== "number") rows = Math.max(rows, inputs[name]!.dims[0] ?? 1);
  }
  if (contract.batch !== "dynamic" || rows <= contract.maxBatch) return rows;
  throw refuse(
    "gateway/too-many-rows",
    `the request has ${rows} rows, the model takes at most ${contract.maxBatch} at once`,
    "send them in several requests; the metadata of the model has `max_batch`",
  );
}

function checkOutputs({ outputs, binaryOutputs }: InferRequest, contract: GuardedContract): CheckedRequest["outputs"] {
  if (outputs.length === 0) return contract.outputs.map(({ name }) => ({ name, binary: binaryOutputs }));
  const names = contract.outputs.map(({ name }) => name);
  return outputs.map(({ name, binary }) => {
    if (!names.includes(name))
      throw refuse("gateway/unknown-output", `the model has no output ${quote(name)}`, didYouMean(name, names));
    return { name, binary: binary ?? binaryOutputs };
  });
}

function checkValues(tensor: Tensor, spec: TensorSpec): void {
  if (spec.allowNonFinite !== true) {
    const index = firstNonFinite(tensor);
    if (index !== -1) {
      throw refuse(
        "gateway/not-finite",
        `element ${index} of input ${quote(spec.name)} is ${elementText(tensor, index)}`,
        "send finite numbers; an operator can set `allowNonFinite` in the contract of a model that takes NaN for missing values",
      );
    }
  }
  const { min = -Infinity, max = Infinity, allowed } = spec;
  if (min !== -Infinity || max !== Infinity) {
    const index = firstOutside(tensor, min, max);
    if (index !== -1) throw outOfRange(tensor, spec, index, `send values from ${min} to ${max}`);
  }
  if (allowed !== undefined) {
    const index = firstNotAllowed(tensor, setOf(allowed));
    if (index !== -1) throw outOfRange(tensor, spec, index, `send one of ${listOf(allowed)}`);
  }
}

const sets = new WeakMap<readonly (number | string)[], ReadonlySet<number | string>>();

/** The set of a contract's list, made once for each contract. */
function setOf(allowed: readonly (number | string)[]): ReadonlySet<number | string> {
  let set = sets.get(allowed);
  if (set === undefined) sets.set(allowed, (set = new Set(allowed)));
  return set;
}

function listOf(values: readonly (number | string)[]): string {
  const shown = values.slice(0, 10).map((value) => (typeof value === "number" ? String(value) : quote(value, 40)));
  return values.length > 10 ? `${shown.join(", ")}, … (${values.length} values)` : shown.join(", ");
}

function outOfRange(tensor: Tensor, spec: TensorSpec, index: number, hint: string): ModelkeepError {
  const message = `element ${index} of input ${quote(spec.name)} is ${quote(elementText(tensor, index), 40)}, which the model's contract does not allow`;
  return refuse("gateway/out-of-range", message, hint);
}

function wrongShape(dims: readonly number[], spec: TensorSpec, hint: string): ModelkeepError {
  const message = `input ${quote(spec.name)} has shape ${writeDims(dims)}, the model takes ${writeDims(spec.dims)}`;
  return refuse("gateway/wrong-shape", message, hint);
}

function rankHint(dims: readonly number[], spec: TensorSpec): string {
  const row = spec.dims.slice(1);
  const oneRow = dims.length === row.length && row.every((dim, axis) => typeof dim !== "number" || dim === dims[axis]);
  return oneRow ? `put the rows in front: send one example as ${writeDims([1, ...dims])}` : `send ${spec.dims.length} dimensions`;
}

function missingInput(spec: TensorSpec, request: InferRequest, contract: GuardedContract): ModelkeepError {
  const known = new Set(contract.inputs.map(({ name }) => name));
  const extra = request.inputs.map(({ name }) => name).filter((name) => !known.has(name) && name.length <= longestGuess);
  const meant = nearest(spec.name, extra) ?? (extra.length === 1 ? extra[0] : undefined);
  const hint =
    meant === undefined
      ? `send it as ${datatypeOf(spec.type)} ${writeDims(spec.dims)}`
      : `rename ${quote(meant)}, which the model does not take`;
  return refuse("gateway/missing-input", `the request has no input ${quote(spec.name)}`, hint);
}

function unknownInput(request: InferRequest, contract: GuardedContract): ModelkeepError {
  const known = contract.inputs.map(({ name }) => name);
  const extra = request.inputs.find(({ name }) => !known.includes(name))!.name;
  return refuse("gateway/unknown-input", `the model has no input ${quote(extra)}`, didYouMean(extra, known));
}

/** Longer names are nobody's typo, and comparing them would take time in proportion to their length. */
const longestGuess = 100;

function didYouMean(name: string, names: readonly string[]): string {
  const meant = name.length <= longestGuess ? nearest(name, names) : undefined;
  if (meant !== undefined) return `did you mean ${quote(meant)}`;
  return names.length === 0 ? "leave it out" : `leave it out, or send one of ${listOf(names)}`;
}

function refuse(code: ErrorCode, message: string, hint: string): ModelkeepError {
  return new ModelkeepError(code, { message, hint, status: 400 });
}
