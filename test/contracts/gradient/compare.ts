/** Analytic against numeric derivatives of a case, first and second order. */
import { expect } from "vitest";
import { gradient } from "../../../src/model/autodiff/index.ts";
import type { GradientModel } from "../../../src/model/autodiff/index.ts";
import { isModelkeepError } from "../../../src/base/error/index.ts";
import { GraphBuilder, tensorOf, toNumbers } from "../../../src/model/onnx/index.ts";
import type { Model, Tensor } from "../../../src/model/onnx/index.ts";
import { load } from "../../helpers/ort.ts";
import type { Loaded } from "../../helpers/ort.ts";
import { between } from "./case.ts";
import type { GradientCase } from "./case.ts";

type Feeds = Record<string, Tensor>;

/** mulberry32: small, seeded, good enough to draw test values. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Compares a case's derivatives with difference quotients along random directions. */
export async function compareDerivatives(
  of: GradientCase,
  options: { readonly seed: number; readonly open: boolean },
): Promise<void> {
  const random = seeded(options.seed);
  const feeds = drawInputs(of, random);
  const wrt = (of.wrt ?? of.inputs.map((_, i) => i)).map((i) => `x${i}`);
  const outputDims = await shapeOfOutput(of, feeds);
  const weights = tensorOf(
    "float32",
    outputDims,
    between(-1, 1)(
      random,
      outputDims.reduce((a, b) => a * b, 1),
    ),
  );
  const model = weighted(of, weights, options.open);
  const first = gradient(model, { loss: "sum", wrt });
  await compare({ value: await load(model), output: "weighted", analytic: first, feeds, wrt, random });
  if (of.second === false) return;
  for (const name of wrt) {
    const again = secondModel(first, name, between(-1, 1)(random, toNumbers(feeds[name]!).length), feeds[name]!.dims);
    const second = tryGradient(again, wrt);
    await compare({ value: await load(again), output: "pulled", analytic: second, feeds, wrt, random });
  }
}

function drawInputs(of: GradientCase, random: () => number): Feeds {
  const samplers = of.samplers ?? [between(-1.5, 1.5)];
  const drawn = of.inputs.map((dims, i) => {
    const sampler = samplers[i] ?? samplers.at(-1)!;
    return [
      `x${i}`,
      tensorOf(
        "float32",
        dims,
        sampler(
          random,
          dims.reduce((a, b) => a * b, 1),
        ),
      ),
    ] as const;
  });
  return { ...Object.fromEntries(drawn), ...of.fixed };
}

function start(of: GradientCase, open: boolean): { readonly b: GraphBuilder; readonly y: string } {
  const b = new GraphBuilder({ opsets: new Map([["", of.opset ?? 18]]) });
  const xs = of.inputs.map((dims, i) => b.input(`x${i}`, "float32", open ? dims.map((_, axis) => `d${i}_${axis}`) : dims));
  for (const [name, { type, dims }] of Object.entries(of.fixed ?? {})) b.input(name, type, dims);
  return { b, y: of.build(b, xs) };
}

async function shapeOfOutput(of: GradientCase, feeds: Feeds): Promise<readonly number[]> {
  const { b, y } = start(of, false);
  b.output(y, "float32");
  const session = await load(b.model());
  const results = await session.run(feeds);
  await session.close();
  return results[y]!.dims;
}

/** Σ w (y² + y): its gradient moves with y, so that the second derivative goes through everything the rule wrote. */
function weighted(of: GradientCase, weights: Tensor, open: boolean): Model {
  const { b, y } = start(of, open);
  const curved = b.op("Add", [b.op("Mul", [y, y]), y]);
  const [name] = b.call({ op: "Mul", inputs: [curved, b.constant(weights)], outputs: ["weighted"] });
  b.output(name!, "float32", open ? weights.dims.map(() => null) : weights.dims);
  return b.model();
}

/** A gradient model with one more output: the gradient of one input along fixed weights. */
function secondModel(first: GradientModel, name: string, weights: readonly number[], dims: readonly number[]): Model {
  const b = GraphBuilder.from(first.model);
  const [pulled] = b.call({
    op: "Mul",
    inputs: [first.gradients.get(name)!, b.constant(tensorOf("float32", dims, weights))],
    outputs: ["pulled"],
  });
  b.clearOutputs();
  b.output(pulled!, "float32");
  return b.model(first.model);
}

/** Where a second derivative is zero everywhere there is no path: then there is nothing to compute, and the quotient must be zero. */
function tryGradient(model: Model, wrt: readonly string[]): GradientModel | undefined {
  const reachable = wrt.filter((name) => {
    try {
      gradient(model, { loss: "sum", wrt: [name], output: "pulled" });
      return true;
    } catch (error) {
      if (isModelkeepError(error) && (error.code === "autodiff/no-path" || error.message.endsWith(" only through such nodes")))
        return false;
      throw error;
    }
  });
  return reachable.length === 0 ? undefined : gradient(model, { loss: "sum", wrt: reachable, output: "pulled" });
}

interface Comparison {
  readonly value: Loaded;
  readonly output: string;
  readonly analytic: GradientModel | undefined;
  readonly feeds: Feeds;
  readonly wrt: readonly string[];
  random(): number;
}

async function compare({ value, output, analytic, feeds, wrt, random }: Comparison): Promise<void> {
  const session = analytic === undefined ? undefined : await load(analytic.model);
  const results = (await session?.run(feeds)) ?? {};
  const total = async (moved: Feeds): Promise<number> =>
    toNumbers((await value.run(moved))[output]!).reduce((sum, item) => sum + item, 0);
  for (const name of wrt) {
    const x = feeds[name]!;
    const at = toNumbers(x);
    const gradientOutput = analytic?.gradients.get(name);
    const found = gradientOutput === undefined ? at.map(() => 0) : toNumbers(results[gradientOutput]!);
    if (gradientOutput !== undefined) expect(results[gradientOutput]!.dims, `shape of the gradient by ${name}`).toEqual(x.dims);
    for (let repeat = 0; repeat < 2; repeat++) {
      const direction = at.map(() => (random() < 0.5 ? -1 : 1));
      const along = (step: number): Promise<number> =>
        total({
          ...feeds,
          [name]: tensorOf(
            "float32",
            x.dims,
            at.map((v, i) => v + step * direction[i]!),
          ),
        });
      const h = 0.008;
      // Richardson's extrapolation of central differences: the error is of order h⁴.
      const near = (await along(h)) - (await along(-h));
      const far = (await along(2 * h)) - (await along(-2 * h));
      const numeric = (8 * near - far) / (12 * h);
      const exact = found.reduce((sum, item, i) => sum + item * direction[i]!, 0);
      const size = Math.hypot(...found) + Math.abs(numeric);
      expect(Math.abs(numeric - exact), `${output} by ${name}: numeric ${numeric}, analytic ${exact}`).toBeLessThan(
        6e-3 * (size + 0.5),
      );
    }
  }
  await session?.close();
  await value.close();
}
