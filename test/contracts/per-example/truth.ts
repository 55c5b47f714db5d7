/** What each example's gradient is when it is computed alone, clipped and summed outside: the truth that `perExample` must equal. */
import { expect } from "vitest";
import { gradient, perExample } from "../../../src/model/autodiff/index.ts";
import type { PerExampleModel, PerExampleOptions } from "../../../src/model/autodiff/index.ts";
import { makeTensor, tensorOf, toNumbers } from "../../../src/model/onnx/index.ts";
import type { Model, Tensor } from "../../../src/model/onnx/index.ts";
import { load } from "../../helpers/ort.ts";

export type Feeds = Readonly<Record<string, Tensor>>;

/** Row `i` of a tensor, as a batch of one. */
export function rowOf(tensor: Tensor, i: number): Tensor {
  const bytes = tensor.data.byteLength / tensor.dims[0]!;
  return makeTensor(tensor.type, [1, ...tensor.dims.slice(1)], tensor.data.slice(i * bytes, (i + 1) * bytes));
}

/** Each example's loss and gradients by parameter. */
export interface Alone {
  readonly losses: readonly number[];
  readonly gradients: readonly ReadonlyMap<string, readonly number[]>[];
}

/** Every example of a batch by itself. `x` are the model's inputs, `y` the labels. */
export async function oneByOne(
  model: Model,
  { x, y }: { readonly x: Feeds; readonly y: Tensor | undefined },
  options: Pick<PerExampleOptions, "loss" | "output" | "classAxis"> & { readonly wrt: readonly string[] },
): Promise<Alone> {
  const made = gradient(model, options);
  const session = await load(made.model);
  const count = Object.values(x)[0]!.dims[0]!;
  const losses: number[] = [];
  const gradients: Map<string, readonly number[]>[] = [];
  for (let i = 0; i < count; i++) {
    const feeds = Object.fromEntries(Object.entries(x).map(([name, tensor]) => [name, rowOf(tensor, i)]));
    const outputs = await session.run(made.labels === undefined ? feeds : { ...feeds, [made.labels.name]: rowOf(y!, i) });
    losses.push(toNumbers(outputs[made.lossOutput]!)[0]!);
    gradients.push(new Map([...made.gradients].map(([name, output]) => [name, toNumbers(outputs[output]!)])));
  }
  await session.close();
  return { losses, gradients };
}

/** What the clipped step gives of a batch. */
export interface Step {
  readonly sums: ReadonlyMap<string, readonly number[]>;
  readonly squaredNorms: readonly number[];
  readonly layerNorms: readonly number[];
  readonly parameterNorms: readonly number[];
  readonly loss: number;
  readonly losses: readonly number[];
}

/** Runs steps of one made model. */
export async function openStep(made: PerExampleModel) {
  const session = await load(made.model);
  return {
    close: () => session.close(),
    async run(feeds: Feeds): Promise<Step> {
      const outputs = await session.run(feeds);
      const read = (name: string): readonly number[] => toNumbers(outputs[name]!);
      return {
        sums: new Map([...made.sums].map(([name, output]) => [name, read(output)])),
        squaredNorms: read(made.squaredNorms),
        layerNorms: read(made.layerNorms),
        parameterNorms: read(made.parameterNorms),
        loss: read(made.lossOutput)[0]!,
        losses: read(made.lossesOutput),
      };
    },
  };
}

export const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Equal to 1e-5 of the size of what is compared. */
export function expectNear(got: readonly number[], want: readonly number[], what: string): void {
  expect(got.length, what).toBe(want.length);
  const size = Math.max(1e-3, ...want.map(Math.abs));
  const worst = Math.max(0, ...want.map((value, i) => (Number.isFinite(got[i]) ? Math.abs(got[i]! - value) : Infinity)));
  expect(worst / size, `${what}: ${got.slice(0, 4).join()} and ${want.slice(0, 4).join()}`).toBeLessThan(1e-5);
}

/** Holds one made step to the truth, with every example clipped flat at half of the middle norm. */
export async function compareWithTruth(
  model: Model,
  data: { readonly x: Feeds; readonly y: Tensor | undefined },
  options: PerExampleOptions,
): Promise<PerExampleModel> {
  const made = perExample(model, options);
  const wrt = [...made.sums.keys()];
  const { losses, gradients } = await oneByOne(model, data, { ...options, wrt });
  const rows = losses.length;
  const parameterNorms = gradients.map((of) => wrt.map((name) => dot(of.get(name)!, of.get(name)!)));
  const norms = parameterNorms.map((list) => list.reduce((a, b) => a + b, 0));
  const bound = Math.sqrt(norms.toSorted((a, b) => a - b)[Math.floor(rows / 2)]!) / 2;
  const factors = norms.map((norm) => Math.min(1, bound / Math.sqrt(norm)));
  const step = await openStep(made);
  const got = await step.run({
    ...data.x,
    ...(made.labels === undefined ? {} : { [made.labels.name]: data.y! }),
    [made.clip]: tensorOf("float32", [], [bound]),
    [made.weights]: tensorOf(
      "float32",
      [rows],
      Array.from({ length: rows }, () => 1),
    ),
  });
  await step.close();
  expectNear(got.losses, losses, "losses");
  expectNear(got.squaredNorms, norms, "squared norms");
  expectNear(got.parameterNorms, parameterNorms.flat(), "squared norms by parameter");
  for (const name of wrt) {
    const want = gradients[0]!
      .get(name)!
      .map((_, at) => gradients.reduce((sum, of, i) => sum + factors[i]! * of.get(name)![at]!, 0));
    expectNear(got.sums.get(name)!, want, `clipped sum by ${name}`);
  }
  return made;
}
