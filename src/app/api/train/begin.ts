/** The model that a training begins with: rewritten, standardised, its weights forgotten, as asked. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { IndexedDataset } from "../../../model/data/index.node.ts";
import { replaceBatchNorm, requiredInputs } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { initialise, scalesOf, standardised } from "../../../model/train/index.node.ts";
import type { Reading } from "./open-set.ts";
import { badData } from "./refuse.ts";

/** What is asked of the model before it learns. */
export interface BeginRequest {
  /** `batch-norm=group-norm`. */
  readonly replace?: readonly string[] | undefined;
  /** Brings each column of numbers to mean 0 and deviation 1, inside the graph. */
  readonly standardize?: boolean | undefined;
  /** All weights, or those of these names, anew. */
  readonly fromScratch?: boolean | readonly string[] | undefined;
  readonly output?: string | undefined;
}

interface Begun {
  readonly set: IndexedDataset;
  readonly schema: Reading["schema"];
  readonly seed: number;
}

/** @throws `api/bad-input` for a replacement that is not known, train/… and onnx/bad-rewrite */
export function begin(model: Model, request: BeginRequest, { set, schema, seed }: Begun): Model {
  const { fromScratch = false, output } = request;
  const replaced = (request.replace ?? []).reduce(replacing, model);
  const ready = request.standardize === true ? standardisedFor(replaced, set, schema) : replaced;
  if (fromScratch === false) return ready;
  return initialise(ready, {
    seed,
    ...(fromScratch === true ? {} : { only: fromScratch }),
    ...(output === undefined ? {} : { output }),
  });
}

function replacing(model: Model, rule: string): Model {
  if (rule === "batch-norm=group-norm") return replaceBatchNorm(model, "group-norm");
  throw new ModelkeepError("api/bad-input", {
    message: `${quote(rule)} is no replacement`,
    hint: "--replace batch-norm=group-norm",
    exit: 4,
    status: 400,
  });
}

/** Numbers and vectors are brought to one size; what is yes or no, or one word of several, stays. */
function standardisedFor(model: Model, set: IndexedDataset, schema: Reading["schema"]): Model {
  const inputs = requiredInputs(model.graph);
  const fields = set.fields.filter(({ name }) => name !== set.target);
  const field = fields.find(({ name }) => name === "x") ?? (fields.length === 1 ? fields[0] : undefined);
  if (inputs.length !== 1 || field === undefined || field.type === "string" || field.dims.length !== 1)
    throw badData(
      `${quote(set.name, 120)} has no columns of numbers for the model's input`,
      "--standardize is for tables, and arrays of two dimensions",
    );
  const plain = new Set(schema?.columns.filter(({ kind }) => kind === "number" || kind === "vector").map(({ name }) => name));
  const columns = field.columns ?? [];
  const isPlain = (i: number): boolean => schema === undefined || plain.has((columns[i] ?? "").replace(/\[\d+\]$/, ""));
  return standardised(model, inputs[0]!.name, scalesOf(set, field.name, isPlain));
}
