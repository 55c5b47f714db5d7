/** What an operator may add to the contract that a model's graph declares. It can only be made tighter: a wider one would promise what the model does not take. */
import { z } from "zod";
import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import { decodeMinifloat, encodeMinifloat, isMinifloat, type ModelContract, type TensorSpec } from "../../../model/onnx/index.ts";
import { datatypeOf } from "../protocol/datatypes.ts";
import type {} from "./errors.ts";
import { writeDims, type DimRange, type GuardedContract } from "./guarded-contract.ts";

const inputConfig = z.strictObject({
  shape: z
    .array(z.int().min(0).nullable())
    .optional()
    .describe("sizes for free dimensions, null leaves one free; must agree with the graph, for instance [null, 1, 28, 28]"),
  min: z.number().optional().describe("least value of an element, itself allowed"),
  max: z.number().optional().describe("greatest value of an element, itself allowed"),
  allowed: z
    .array(z.union([z.number(), z.string()]))
    .min(1)
    .optional()
    .describe("the only values an element may have: numbers, or strings for a BYTES input"),
  allowNonFinite: z
    .boolean()
    .optional()
    .describe("whether NaN and infinities may be sent, for models that take NaN for a missing value; refused by default"),
});

const dimConfig = z.strictObject({
  min: z.int().min(0).optional().describe("least size"),
  max: z.int().min(1).optional().describe("greatest size"),
});

/** Section `contract:` of one model. */
export const contractConfig = z.strictObject({
  inputs: z.record(z.string(), inputConfig).default({}).describe("tighter rules for inputs, by name"),
  dims: z
    .record(z.string(), dimConfig)
    .default({})
    .describe("bounds of free dimensions, by the name that the graph gives them (`modelkeep inspect`)"),
  allowEmpty: z
    .boolean()
    .default(false)
    .describe("whether a free dimension other than the batch may be 0, as in the first step of a model with a key-value cache"),
});

export type ContractConfig = z.output<typeof contractConfig>;

/**
 * The contract that requests are checked against.
 *
 * @throws `gateway/bad-contract` (exit 4) when the configuration names what the graph does not have, or is not tighter
 * @example
 * tightenContract(contractOf(model), contractConfig.parse({ inputs: { image: { min: 0, max: 1 } } }));
 */
export function tightenContract(contract: ModelContract, config: ContractConfig): GuardedContract {
  for (const spec of [...contract.inputs, ...contract.outputs]) checkServable(spec);
  const names = contract.inputs.map(({ name }) => name);
  for (const name of Object.keys(config.inputs)) if (!names.includes(name)) throw unknownName("input", name, names);
  const inputs = contract.inputs.map((spec) =>
    tightenInput(spec, Object.hasOwn(config.inputs, spec.name) ? config.inputs[spec.name]! : {}),
  );
  return { ...contract, inputs, dimRanges: readDimRanges(contract, config), allowEmpty: config.allowEmpty };
}

function tightenInput(spec: TensorSpec, config: z.output<typeof inputConfig>): TensorSpec {
  const { min, max, allowed, allowNonFinite } = config;
  const numeric = spec.type !== "string" && spec.type !== "bool";
  if ((min !== undefined || max !== undefined) && !numeric) {
    throw bad(`input ${quote(spec.name)} is ${datatypeOf(spec.type)}, which has no range`, "use `allowed`");
  }
  const low = tighter(spec, "min", atPrecision(spec, min), Math.max);
  const high = tighter(spec, "max", atPrecision(spec, max), Math.min);
  if (low !== undefined && high !== undefined && low > high) {
    throw bad(`input ${quote(spec.name)} may be ${low} to ${high}, which no value is`, "set `min` below `max`");
  }
  return {
    ...spec,
    dims: fixUnnamed(spec, config.shape),
    ...(low !== undefined && { min: low }),
    ...(high !== undefined && { max: high }),
    ...(allowed !== undefined && { allowed: tightenAllowed(spec, allowed) }),
    ...(allowNonFinite !== undefined && { allowNonFinite }),
  };
}

function tighter(
  spec: TensorSpec,
  end: "min" | "max",
  wanted: number | undefined,
  pick: (a: number, b: number) => number,
): number | undefined {
  const declared = spec[end];
  if (wanted === undefined || declared === undefined) return wanted ?? declared;
  if (pick(wanted, declared) === wanted) return wanted;
  throw bad(
    `the ${end} of input ${quote(spec.name)} is set to ${wanted}, the model declares ${declared}`,
    "a contract can only be made tighter",
  );
}

/** Sizes for dimensions without a name. A size for a named one holds wherever the name stands, see {@link readDimRanges}. */
function fixUnnamed(spec: TensorSpec, shape: readonly (number | null)[] | undefined): TensorSpec["dims"] {
  if (shape === undefined) return spec.dims;
  const fits =
    shape.length === spec.dims.length &&
    shape.every((size, axis) => size === null || typeof spec.dims[axis] !== "number" || spec.dims[axis] === size);
  if (fits) return spec.dims.map((dim, axis) => dim ?? shape[axis]!);
  throw bad(
    `the shape of input ${quote(spec.name)} is set to ${writeDims(shape)}, the model takes ${writeDims(spec.dims)}`,
    "give a size or null for each dimension; only free ones can be fixed",
  );
}

/** A bound as the input's elements would hold it: 0.1 allows the float32 nearest to 0.1, which is a little more. */
function atPrecision<T extends number | string | undefined>({ type }: TensorSpec, value: T): T | number {
  if (typeof value !== "number") return value;
  const near =
    type === "float32" ? Math.fround(value) : isMinifloat(type) ? decodeMinifloat(type, encodeMinifloat(type, value)) : value;
  return Number.isFinite(near) ? near : value;
}

function tightenAllowed(spec: TensorSpec, allowed: readonly (number | string)[]): readonly (number | string)[] {
  const kind = spec.type === "string" ? "string" : "number";
  const odd = allowed.find((value) => typeof value !== kind);
  if (odd !== undefined)
    throw bad(`${quote(odd)} is allowed for input ${quote(spec.name)}, which is ${datatypeOf(spec.type)}`, `list ${kind}s`);
  const extra = spec.allowed === undefined ? undefined : allowed.find((value) => !spec.allowed!.includes(value));
  if (extra === undefined) return allowed.map((value) => atPrecision(spec, value));
  throw bad(
    `${quote(extra)} is allowed for input ${quote(spec.name)}, but not by the model`,
    "a contract can only be made tighter",
  );
}

function readDimRanges(contract: ModelContract, config: ContractConfig): ReadonlyMap<string, DimRange> {
  const free = [...new Set(contract.inputs.flatMap(({ dims }) => dims.filter((dim) => typeof dim === "string")))];
  const ranges = new Map<string, DimRange>();
  const narrow = (name: string, { min, max }: DimRange): void => {
    const known = ranges.get(name);
    const range = { min: Math.max(min, known?.min ?? 0), max: Math.min(max, known?.max ?? Number.MAX_SAFE_INTEGER) };
    if (range.min > range.max)
      throw bad(`dimension ${quote(name)} may be ${range.min} to ${range.max}, which no size is`, "loosen one of its bounds");
    ranges.set(name, range);
  };
  for (const [name, { min = 0, max = Number.MAX_SAFE_INTEGER }] of Object.entries(config.dims)) {
    if (!free.includes(name)) throw unknownName("free dimension", name, free);
    narrow(name, { min, max });
  }
  for (const spec of contract.inputs) {
    const shape = Object.hasOwn(config.inputs, spec.name) ? config.inputs[spec.name]!.shape : undefined;
    shape?.forEach((size, axis) => {
      const dim = spec.dims[axis];
      if (size !== null && typeof dim === "string") narrow(dim, { min: size, max: size });
    });
  }
  return ranges;
}

/** A tensor without a name on the wire would make a model that is listed and can never be called. */
function checkServable({ name, type }: TensorSpec): void {
  if (datatypeOf(type) !== undefined) return;
  throw bad(
    `tensor ${quote(name)} is of type ${type}, which the Open Inference Protocol has no datatype for`,
    "export the model with a cast, for instance to float32",
  );
}

function unknownName(what: string, name: string, names: readonly string[]): ModelkeepError {
  const meant = nearest(name, names);
  const list = names.length === 0 ? `the model has no ${what}` : `it has ${names.map((known) => quote(known)).join(", ")}`;
  return bad(`the model has no ${what} ${quote(name)}`, meant === undefined ? list : `did you mean ${quote(meant)}`);
}

function bad(message: string, hint: string): ModelkeepError {
  return new ModelkeepError("gateway/bad-contract", { message, hint, exit: 4 });
}
