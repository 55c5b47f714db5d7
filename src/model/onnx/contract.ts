/** What a model takes and gives, derived from its graph: the contract that every request is checked against. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { canonicalDim } from "./dim.ts";
import { requiredInputs, tensorType } from "./graph.ts";
import type { Dim, Model, ValueInfo, ValueType } from "./graph.ts";
import { indexOf } from "./lookup.ts";
import { asTensor } from "./infer/abstract.ts";
import type { Abstract } from "./infer/abstract.ts";
import { inferModel } from "./infer/engine.ts";
import { RowTracker } from "./rows.ts";
import type { ElementType } from "./tensor.ts";

/** One input or output. Ranges and allowed values come from the configuration, which may only tighten. */
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  /** A number is fixed, a symbol is the same size wherever it appears, null may be any size. */
  readonly dims: readonly (number | string | null)[];
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly (number | string)[];
  readonly allowNonFinite?: boolean;
}

/** Inputs and outputs of a model, and whether rows of several requests may share a run. */
export interface ModelContract {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * `dynamic`: dimension 0 of every input is one free size and of every output the same one; `fixed`: the same, but one number;
   * `none`: there is no common first dimension.
   */
  readonly batch: "dynamic" | "fixed" | "none";
  /**
   * True when the graph proves that each row of the outputs depends on its own row of the inputs only (see `rows.ts`): rows of
   * different callers may then share a run, whatever they hold. False where that could not be proven, which is not the contrary.
   */
  readonly rowsApart?: boolean;
  /** Rows in one run; the configuration may lower it. */
  readonly maxBatch: number;
}

/** Rows in one run when nothing else is said. */
export const defaultMaxBatch = 256;

/**
 * The contract of a model. Initializers that are also listed as inputs (old exporters) are not inputs: their values come from the file.
 * @throws onnx/no-contract when an input or output is no tensor (scikit-learn's ZipMap gives dictionaries), or of unknown type
 * @example
 * contractOf(readModel(bytes)).inputs; // [{ name: "x", type: "float32", dims: ["N", 1, 28, 28] }]
 */
export function contractOf(model: Model): ModelContract {
  const { graph } = model;
  const inputs = requiredInputs(graph).map((info) => specOf(model, info, "input"));
  if (inputs.length === 0 && graph.outputs.length === 0)
    throw noContract("the model has neither inputs nor outputs", "export it again");
  const row = sharedRow(inputs);
  const tracker = new RowTracker(String(row), { inputs: inputs.map(({ name }) => name), opsets: model.opsets });
  const given = new Map(inputs.map((spec) => [spec.name, assumed(spec, row)]));
  const { values } = inferModel(model, { inputs: given, visit: (visit) => tracker.visit(visit) });
  const outputs = graph.outputs.map((info) => outputSpec(model, info, values.get(info.name)));
  const batch = batchOf(row, { outputs, values });
  const rowsApart = batch === "dynamic" && outputs.every(({ name }) => tracker.isApart(name));
  return { inputs, outputs, batch, rowsApart, maxBatch: defaultMaxBatch };
}

function noContract(message: string, hint: string): ModelkeepError {
  return new ModelkeepError("onnx/no-contract", { message, hint, status: 400 });
}

function specOf(model: Model, { name, type }: ValueInfo, role: "input" | "output"): TensorSpec {
  if (name === "") throw noContract(`an ${role} has no name`, "export the model again; the file is damaged");
  if (type?.kind !== "tensor") throw noTensor(model, { name, type, role });
  if (type.dims === undefined) {
    throw noContract(
      `${role} ${quote(name)} does not declare how many dimensions it has`,
      "export the model with the shape of its inputs and outputs",
    );
  }
  return { name, type: type.elementType, dims: type.dims };
}

/** The two ways in which scikit-learn's exporter gives something that is no tensor, and what to say to each. */
function noTensor(
  model: Model,
  { name, type, role }: { name: string; type: ValueType | undefined; role: string },
): ModelkeepError {
  const what = type === undefined ? "has no known type" : type.kind === "sequence" ? "is a list" : `is of kind ${type.kind}`;
  const zipMap = role === "output" && indexOf(model.graph).producer(name)?.op === "ZipMap";
  const hint = zipMap
    ? 'scikit-learn: export with to_onnx(model, ..., options={"zipmap": False}); XGBoost\'s converter gives tensors. Or rewrite the file: `withoutZipMap` in modelkeep/onnx'
    : "only tensors can be sent and answered; cut the graph before that value, or export without it";
  return noContract(`${role} ${quote(name)} ${what}, not a tensor`, hint);
}

/** An output's declared shape, sharpened by what the graph says of it. */
function outputSpec(model: Model, info: ValueInfo, value: Abstract | undefined): TensorSpec {
  const inferred = asTensor(value);
  if (info.type !== undefined && info.type.kind !== "tensor") throw noTensor(model, { ...info, type: info.type, role: "output" });
  const declared = info.type;
  if (declared === undefined && inferred === undefined) throw noTensor(model, { ...info, type: value?.type, role: "output" });
  const elementType = declared?.elementType ?? inferred!.elementType;
  const sameRank = inferred?.dims !== undefined && declared?.dims !== undefined && inferred.dims.length === declared.dims.length;
  const dims = sameRank ? declared.dims!.map((dim, i) => outputDim(dim, inferred.dims![i]!)) : (declared?.dims ?? inferred?.dims);
  return specOf(model, { name: info.name, type: tensorType(elementType, dims) }, "output");
}

/** A size that depends on data stays as declared: the inference's own symbol for it means nothing outside. */
const outputDim = (declared: Dim, inferred: Dim): Dim => (typeof inferred === "number" ? inferred : declared);

/** Dimension 0 that all inputs have in common: a number, a symbol, or undefined. Unknown sizes can be common, too. */
function sharedRow(inputs: readonly TensorSpec[]): number | string | undefined {
  const firsts = inputs.map(({ dims }) => (dims.length === 0 ? undefined : canonicalDim(dims[0]!)));
  const known = firsts.filter((dim) => dim !== null);
  if (firsts.length === 0 || known.includes(undefined) || new Set(known).size > 1) return undefined;
  return known[0] ?? rowSymbol;
}

/** Stands for the rows where the model has no symbol of its own for them. */
const rowSymbol = "batch__rows";

function assumed(spec: TensorSpec, row: number | string | undefined): Abstract {
  const dims = spec.dims.map((dim, i) =>
    i === 0 && row !== undefined ? row : (canonicalDim(dim) ?? `${spec.name.replaceAll(/\W/g, "_")}__${i}`),
  );
  return { type: tensorType(spec.type, dims), constant: false };
}

function batchOf(
  row: number | string | undefined,
  { outputs, values }: { outputs: readonly TensorSpec[]; values: ReadonlyMap<string, Abstract> },
): ModelContract["batch"] {
  if (row === undefined) return "none";
  const follows = (spec: TensorSpec): boolean => {
    const inferred = asTensor(values.get(spec.name))?.dims?.[0];
    if (inferred === row) return true;
    // Where the rules could not follow, an output that declares the same symbol is taken at its word.
    const open = inferred === undefined || inferred === null;
    return open && typeof row === "string" && spec.dims.length > 0 && canonicalDim(spec.dims[0]!) === row;
  };
  if (!outputs.every(follows)) return "none";
  return typeof row === "number" ? "fixed" : "dynamic";
}
