/** From a model file to the part of it that attacks drive: one float input, logits with one row for each example. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import {
  contractOf,
  elementFamily,
  extract,
  GraphBuilder,
  inlineFunctions,
  lowerMl,
  raiseOpset,
  tensorOf,
  withoutFinal,
  withoutZipMap,
} from "../../../model/onnx/index.ts";
import type { Model, ModelContract, TensorSpec } from "../../../model/onnx/index.ts";
import type {} from "../errors.ts";

/** The part, and what is known of it. */
export interface LogitModel {
  readonly model: Model;
  readonly input: TensorSpec;
  readonly logits: string;
  readonly classes: number;
  readonly rowDims: readonly number[];
  /** Rows in one run: as many as one likes, or this many. */
  readonly fixedRows: number | undefined;
  readonly notes: readonly string[];
}

/** What may be said about a model that does not say it itself. */
export interface LogitOptions {
  /** The output that classifies; the first float output by default. */
  readonly output?: string | undefined;
  /** Sizes of one example where the model leaves them open. */
  readonly rowDims?: readonly number[] | undefined;
  /** Inputs that are no part of an example: they are told beside it, and no attack changes them. */
  readonly told?: readonly string[] | undefined;
}

/** A model in the operators that attacks write behind: no functions, no tables of probabilities, trees as arithmetic. */
export const plainForm = (given: Model): Model => lowerMl(raiseOpset(withoutZipMap(inlineFunctions(given)), 18));

/**
 * Cuts a classifier down to its logits: a Softmax or a Sigmoid at the end is taken off, a single score becomes two classes.
 * @throws attack/unsupported-model
 */
export function logitsOf(given: Model, options: LogitOptions = {}): LogitModel {
  const notes: string[] = [];
  const model = plainForm(given);
  const name = options.output ?? firstFloatOutput(model);
  const only = extract(model, { outputs: [name] });
  const softmax = withoutFinal(only, { output: name, ops: ["Softmax"] });
  const cut = softmax === only ? withoutFinal(only, { output: name, ops: ["Sigmoid"] }) : softmax;
  if (cut !== only) notes.push(`the ${softmax === only ? "Sigmoid" : "Softmax"} at the end was cut off: attacks work on logits`);
  const contract = contractOf(withoutInputs(cut, options.told ?? []));
  const spec = contract.outputs[0]!;
  const width = spec.dims.length === 1 ? 1 : spec.dims.length === 2 ? spec.dims[1] : undefined;
  if (typeof width !== "number") {
    throw unsupported(
      `output ${quote(spec.name)} has shape [${spec.dims.join(", ")}]`,
      "attacks need a classifier: one row of class scores for each example",
    );
  }
  const base = { ...attackedInput(contract, options), notes };
  if (width >= 2) return { ...base, model: cut, logits: spec.name, classes: width };
  notes.push("a single score: class 1 where it is above 0, class 0 below");
  return { ...base, ...twoClasses(cut, spec.name, spec.dims.length), classes: 2 };
}

/** The one input that attacks change, and how its examples lie in it. @throws attack/unsupported-model */
export function attackedInput(
  contract: ModelContract,
  options: Pick<LogitOptions, "rowDims"> = {},
): Pick<LogitModel, "input" | "rowDims" | "fixedRows"> {
  const input = soleInput(contract.inputs);
  const rowDims = options.rowDims ?? sizesOf(input);
  if (contract.batch === "none") throw unsupported("its rows have no common first dimension", "export it with a batch dimension");
  return { input, rowDims, fixedRows: contract.batch === "fixed" ? (input.dims[0] as number) : undefined };
}

/** The model as if these inputs were stored, for whoever asks what it takes. */
function withoutInputs(model: Model, told: readonly string[]): Model {
  if (told.length === 0) return model;
  const { inputs, initializers } = model.graph;
  const stored = new Map(initializers);
  for (const { name, type } of inputs.filter((input) => told.includes(input.name))) {
    const dims = type?.kind === "tensor" ? (type.dims ?? []) : [];
    const sizes = dims.map((dim) => (typeof dim === "number" ? dim : 1));
    stored.set(name, tensorOf("float32", sizes, new Float32Array(sizes.reduce((product, size) => product * size, 1))));
  }
  return { ...model, graph: { ...model.graph, inputs: inputs.filter(({ name }) => !told.includes(name)), initializers: stored } };
}

/** A score s as the logits 0 and s. */
function twoClasses(model: Model, score: string, rank: number): { readonly model: Model; readonly logits: string } {
  const b = GraphBuilder.from(model);
  const column = rank === 1 ? b.op("Unsqueeze", [score, b.ints([1])]) : score;
  const logits = b.fresh("logits");
  b.call({ op: "Concat", inputs: [b.op("Sub", [column, column]), column], attributes: { axis: 1 }, outputs: [logits] });
  b.clearOutputs().output(logits, "float32", [null, 2]);
  return { model: b.model(model), logits };
}

function firstFloatOutput(model: Model): string {
  const { outputs } = contractOf(model);
  const found = outputs.find(({ type, dims }) => elementFamily(type) === "float" && dims.length <= 2) ?? outputs[0];
  if (found === undefined) throw unsupported("it has no output", "export it again");
  return found.name;
}

function soleInput(inputs: readonly TensorSpec[]): TensorSpec {
  const [input, ...others] = inputs;
  if (input === undefined || others.length > 0 || elementFamily(input.type) !== "float") {
    const what = inputs.map(({ name, type }) => `${quote(name)} (${type})`).join(", ");
    throw unsupported(`it takes ${what}`, "attacks change one input of numbers; fix the other inputs in the file first");
  }
  if (input.type !== "float32") throw unsupported(`its input is ${input.type}`, "export it with float32 inputs");
  return input;
}

function sizesOf(input: TensorSpec): readonly number[] {
  const sizes = input.dims.slice(1);
  const open = sizes.find((size) => typeof size !== "number");
  if (open === undefined && input.dims.length > 1) return sizes as number[];
  throw unsupported(
    `input ${quote(input.name)} has shape [${input.dims.join(", ")}]`,
    "say how large one example is, or export the model with fixed sizes behind the batch",
  );
}

/** An `attack/unsupported-model` error. */
export const unsupported = (what: string, hint: string): ModelkeepError =>
  new ModelkeepError("attack/unsupported-model", { message: `the model cannot be attacked: ${what}`, hint, status: 400 });
