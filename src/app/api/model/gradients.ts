import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { checkLabels, gradient } from "../../../model/autodiff/index.ts";
import type { Fact, GradientModel, LabelInput, LossName } from "../../../model/autodiff/index.ts";
import { readNpy, writeNpy } from "../../../model/data/index.ts";
import { requiredInputs, specialise, tensorOf, toNumbers, writeModel } from "../../../model/onnx/index.ts";
import type { Model, Tensor } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import type {} from "../errors.ts";
import { writeWhole } from "../write-whole.ts";
import { readWholeModelAt } from "./read-file.ts";

export interface GradientRequest {
  readonly model: string;
  /** `.npy` of the model's input; of several inputs, `a=x.npy,b=y.npy`. */
  readonly data: string;
  /** `.npy` of labels or targets; `sum` needs none. */
  readonly labels?: string | undefined;
  readonly loss: LossName;
  readonly wrt?: readonly string[] | "all" | undefined;
  readonly output?: string | undefined;
  /** Folder for one `.npy` a tensor. */
  readonly out: string;
}

export interface GradientReport {
  readonly loss: number;
  /** For each tensor, the file and the gradient's size. */
  readonly gradients: readonly {
    readonly tensor: string;
    readonly file: string;
    readonly dims: readonly number[];
    readonly norm: number;
  }[];
  /** Tensors of `--wrt all` that were left out, and why. */
  readonly skipped: Readonly<Record<string, string>>;
  /** Nodes whose derivative is not what mathematics says. */
  readonly broken: readonly Fact[];
}

/**
 * The gradients of a loss, computed by ONNX Runtime from a graph that we derive, one `.npy` file each, named as the tensors are.
 *
 * @throws `api/no-such-file`, `api/bad-data` when data, labels and model do not fit, and what the rooms below throw
 */
export async function computeGradients(request: GradientRequest): Promise<GradientReport> {
  const { model } = await readWholeModelAt(request.model);
  const { data, labels, loss } = request;
  const inputs = await readInputs(model, data);
  const result = gradient(fitted(model, inputs), {
    loss,
    ...(request.wrt === undefined ? {} : { wrt: request.wrt }),
    ...(request.output === undefined ? {} : { output: request.output }),
  });
  const rows = [...inputs.values()][0]?.dims[0];
  const asked = Object.fromEntries([...inputs, ...(await readLabels(result, labels, rows))]);
  const session = await openSession(writeModel(result.model), { isolation: "process" });
  const outputs = await session.run(asked).finally(() => session.close());
  refuseCollisions([...result.gradients.keys()]);
  await mkdir(request.out, { recursive: true });
  const gradients: { tensor: string; file: string; dims: readonly number[]; norm: number }[] = [];
  for (const [tensor, output] of result.gradients) {
    const value = outputs[output]!;
    const file = join(request.out, `${fileName(tensor)}.npy`);
    await writeWhole(file, writeNpy(value));
    gradients.push({ tensor, file, dims: value.dims, norm: normOf(value) });
  }
  return {
    loss: toNumbers(outputs[result.lossOutput]!)[0]!,
    gradients,
    skipped: Object.fromEntries(result.skipped),
    broken: result.broken,
  };
}

/** The model for the sizes of this data: recurrent layers need their length, and known sizes give the faster forms. */
function fitted(model: Model, inputs: ReadonlyMap<string, Tensor>): Model {
  const sizes: Record<string, number> = {};
  for (const { name, type } of requiredInputs(model.graph)) {
    const dims = type?.kind === "tensor" ? (type.dims ?? []) : [];
    for (const [i, dim] of dims.entries()) {
      const size = inputs.get(name)!.dims[i]!;
      if (dim === null) sizes[`${name}.${i}`] = size;
      if (typeof dim !== "string" || !/^[A-Za-z_][A-Za-z0-9_.]*$/.test(dim)) continue;
      const other = sizes[dim];
      if (other !== undefined && other !== size)
        throw badData(
          `dimension ${quote(dim)} is ${other} in one input and ${size} in ${quote(name)}`,
          "give inputs of the same number of rows",
        );
      sizes[dim] = size;
    }
  }
  const fixed = specialise(model, sizes);
  // Weights that nothing reads are gone there; asked for by name or by `all`, their gradient is zero.
  return {
    ...fixed,
    graph: { ...fixed.graph, initializers: new Map([...model.graph.initializers, ...fixed.graph.initializers]) },
  };
}

/** Summed one by one: a weight may have more elements than a call takes arguments. */
const normOf = (tensor: Tensor): number => Math.sqrt(toNumbers(tensor).reduce((sum, value) => sum + value * value, 0));

async function readInputs(model: Model, data: string): Promise<Map<string, Tensor>> {
  const wanted = requiredInputs(model.graph);
  const files = data.includes("=")
    ? new Map(
        data.split(",").map((part): [string, string] => [part.slice(0, part.indexOf("=")), part.slice(part.indexOf("=") + 1)]),
      )
    : new Map([[wanted[0]?.name ?? "", data]]);
  const missing = wanted.find(({ name }) => !files.has(name));
  if (missing !== undefined) {
    throw badData(
      `nothing is given for input ${quote(missing.name)}`,
      `the model takes ${wanted.length} inputs: --data ${wanted.map(({ name }) => `${name}=FILE.npy`).join(",")}`,
    );
  }
  const inputs = new Map<string, Tensor>();
  for (const [name, file] of files) {
    const info = wanted.find((input) => input.name === name);
    if (info?.type?.kind !== "tensor")
      throw badData(`the model has no tensor input ${quote(name)}`, `it takes ${wanted.map((input) => input.name).join(", ")}`);
    inputs.set(
      name,
      fit(await readTensor(file), {
        label: `${file} for input ${quote(name)}`,
        type: info.type.elementType,
        dims: info.type.dims,
      }),
    );
  }
  return inputs;
}

async function readLabels(
  { labels: input }: GradientModel,
  file: string | undefined,
  rows: number | undefined,
): Promise<[string, Tensor][]> {
  if (input === undefined) return [];
  if (file === undefined)
    throw badData("this loss needs labels", "--labels y.npy: one class number for each row, or the targets of mse");
  const given = await readTensor(file);
  if (rows !== undefined && given.dims[0] !== rows)
    throw badData(`${quote(file)} has ${given.dims[0] ?? 0} labels, the data has ${rows} rows`, "give one label for each row");
  const labels = fit(reshaped(given, input.dims), { label: file, type: input.type, dims: input.dims });
  checkLabels(input, labels);
  return [[input.name, labels]];
}

/** Labels [N] for a model whose answers keep empty axes, [N,C,1,1]: they mean [N,1,1]. */
function reshaped(labels: Tensor, dims: LabelInput["dims"]): Tensor {
  const added = (dims?.length ?? 0) - labels.dims.length;
  return added > 0 && dims!.slice(-added).every((dim) => dim === 1)
    ? { ...labels, dims: [...labels.dims, ...dims!.slice(-added).map(Number)] }
    : labels;
}

async function readTensor(file: string): Promise<Tensor> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new ModelkeepError("api/no-such-file", {
      message: `${quote(file, 160)} cannot be read: ${cause.code ?? ""}`,
      hint: "give the path of a .npy file",
      exit: 4,
      cause,
    });
  });
  return readNpy(new Uint8Array(bytes), file);
}

interface Fit {
  readonly label: string;
  readonly type: Tensor["type"];
  readonly dims: readonly (number | string | null)[] | undefined;
}

/** The tensor in the type that is wanted (NumPy's default is float64, models take float32), refused where its shape or a value does not fit. */
function fit(tensor: Tensor, { label, type, dims }: Fit): Tensor {
  const fits =
    dims === undefined ||
    (dims.length === tensor.dims.length && dims.every((dim, i) => typeof dim !== "number" || dim === tensor.dims[i]));
  if (!fits)
    throw badData(
      `${label} has shape [${tensor.dims.join(",")}], the model takes [${dims.map((dim) => dim ?? "?").join(",")}]`,
      "one row an example; `modelkeep inspect` prints the shapes",
    );
  const numbers = tensor.type === "string" ? [] : toNumbers(tensor);
  const at = numbers.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw badData(`${label} has ${numbers[at]} at position ${at}`, "a gradient of it would be NaN: clean the data first");
  if (tensor.type === type) return tensor;
  if (type.startsWith("int") && numbers.some((value) => !Number.isInteger(value)))
    throw badData(`${label} holds fractions, ${type} is wanted`, "class labels are whole numbers counted from 0");
  return tensorOf(type, tensor.dims, numbers);
}

function badData(message: string, hint: string): ModelkeepError {
  return new ModelkeepError("api/bad-data", { message, hint, exit: 4, status: 400 });
}

function refuseCollisions(tensors: readonly string[]): void {
  const owners = new Map<string, string>();
  for (const tensor of tensors) {
    const other = owners.get(fileName(tensor));
    if (other !== undefined)
      throw badData(`${quote(tensor)} and ${quote(other)} would have the same file name`, "ask for them in two runs: --wrt NAME");
    owners.set(fileName(tensor), tensor);
  }
}

/** `/` and `:` would be folders and drives. */
function fileName(tensor: string): string {
  return tensor.replaceAll(/[/:\\\0]/g, "_");
}
