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
  withoutZipMap,
} from "../../../model/onnx/index.ts";
import type { Model, ModelContract, TensorSpec } from "../../../model/onnx/index.ts";
import type {} from "../errors.ts";
import { plainScores, withInput, withoutDropout, withoutSquashing } from "./wrapping.ts";

/** The part, and what is known of it. */
export interface LogitModel {
  readonly model: Model;
  readonly input: TensorSpec;
  readonly logits: string;
  readonly classes: number;
  /** The model itself gives one score for each example; the two classes were made of it. */
  readonly single?: boolean;
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
export const plainForm = (given: Model): Model => withoutDropout(lowerMl(raiseOpset(withoutZipMap(inlineFunctions(given)), 18)));

/**
 * Cuts a classifier down to its logits: a Softmax, a Sigmoid or an Exp at the end is taken off, a single score becomes two classes.
 * @throws attack/unsupported-model
 */
export function logitsOf(given: Model, options: LogitOptions = {}): LogitModel {
  const notes: string[] = [];
  const told = options.told ?? [];
  const whole = plainForm(given);
  const name = options.output ?? firstFloatOutput(whole);
  const single = inSingle(extract(whole, { outputs: [name] }), { ...options, told }, notes);
  const cut = withoutSquashing(single, name);
  if (cut !== undefined) notes.push(`the ${cut.op} at the end was cut off: attacks work on logits`);
  const open = cut?.model ?? single;
  const model = plainScores(open, contractOf(withoutInputs(open, told)).outputs[0]!);
  const contract = contractOf(withoutInputs(model, told));
  const spec = contract.outputs[0]!;
  const width = spec.dims.length === 1 ? 1 : spec.dims.length === 2 ? spec.dims[1] : undefined;
  if (typeof width !== "number") {
    throw unsupported(
      `output ${quote(spec.name)} has shape [${spec.dims.join(", ")}]`,
      "attacks need a classifier: one row of class scores for each example",
    );
  }
  const base = { ...attackedInput(contract), notes };
  if (width >= 2) return { ...base, model, logits: spec.name, classes: width };
  notes.push("a single score: class 1 where it is above 0, class 0 below");
  return { ...base, ...twoClasses(model, spec.name, spec.dims.length), classes: 2, single: true };
}

/** The model with its input in float32 and of known sizes, whatever it was exported with. */
function inSingle(model: Model, { told = [], rowDims }: LogitOptions, notes: string[]): Model {
  const input = soleInput(contractOf(withoutInputs(model, told)).inputs);
  if (input.type !== "float32") notes.push(`its input is ${input.type}: examples are float32 and rounded to that`);
  return withInput(model, { ...input, dims: [input.dims[0]!, ...sizesOf(input, rowDims)] });
}

/** The one input that attacks change, and how its examples lie in it. @throws attack/unsupported-model */
export function attackedInput(contract: ModelContract): Pick<LogitModel, "input" | "rowDims" | "fixedRows"> {
  const input = soleInput(contract.inputs);
  if (input.type !== "float32") throw unsupported(`its input is ${input.type}`, "export it with float32 inputs");
  const rowDims = sizesOf(input, undefined);
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
  const logits = b.op("Concat", [b.op("Sub", [column, column]), column], { axis: 1 });
  b.clearOutputs().output(logits, "float32", [null, 2]);
  return { model: b.model(model), logits };
}

/** The output that classifies where nobody says which. */
export function firstFloatOutput(model: Model): string {
  const { outputs } = contractOf(model);
  const found = outputs.find(({ type, dims }) => elementFamily(type) === "float" && dims.length <= 2) ?? outputs[0];
  if (found === undefined) throw unsupported("it has no output", "export it again");
  return found.name;
}

function soleInput(inputs: readonly TensorSpec[]): TensorSpec {
  const [input, ...others] = inputs;
  const what = inputs.map(({ name, type }) => `${quote(name)} (${type})`).join(", ");
  if (input === undefined || others.length > 0)
    throw unsupported(`it takes ${what}`, "attacks change one input of numbers; fix the other inputs in the file first");
  if (elementFamily(input.type) === "float") return input;
  throw unsupported(
    `it takes ${what}, and attacks go by fractions`,
    "export the part of the model behind its cast to float32, which takes the same values",
  );
}

/** Sizes that the model leaves open are those of the examples, where they have as many. */
function sizesOf(input: TensorSpec, told: readonly number[] | undefined): readonly number[] {
  const sizes = input.dims.slice(1);
  if (input.dims.length > 1 && sizes.every((size) => typeof size === "number")) return sizes;
  const fits = told?.length === sizes.length && sizes.every((size, at) => typeof size !== "number" || size === told[at]);
  if (fits) return told;
  throw unsupported(
    `input ${quote(input.name)} has shape [${input.dims.join(", ")}]`,
    "say how large one example is, or export the model with fixed sizes behind the batch",
  );
}

/** An `attack/unsupported-model` error. */
export const unsupported = (what: string, hint: string): ModelkeepError =>
  new ModelkeepError("attack/unsupported-model", { message: `the model cannot be attacked: ${what}`, hint, status: 400 });
