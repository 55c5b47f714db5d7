import { afterAll, describe, expect, it } from "vitest";
import { createSeeded } from "../../../base/math/index.ts";
import { GraphBuilder, tensorOf, toFloat, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import type { Session } from "../../../model/runtime/index.node.ts";
import { inPhases } from "./phases.ts";

const random = createSeeded(3);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random.unit() - 0.5);
const [channelsIn, channelsOut] = [8, 10];
const opened: Session[] = [];
afterAll(() => Promise.all(opened.map((session) => session.close())));

interface Form {
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly extra: readonly [number, number];
}

function transposed({ size, kernel, strides, pads, extra }: Form): Model {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", ["N", channelsIn, ...size]);
  const weights = tensorOf(
    "float32",
    [channelsIn, channelsOut, ...kernel],
    numbers(channelsIn * channelsOut * kernel[0] * kernel[1]),
  );
  const attributes = { kernel_shape: kernel, strides, pads, output_padding: extra };
  b.output(b.op("ConvTranspose", [x, b.constant(weights)], attributes), "float32", ["N", channelsOut, null, null]);
  return b.model();
}

async function run(
  model: Model,
  x: Float32Array,
  size: readonly [number, number],
): Promise<{ dims: readonly number[]; data: Float32Array }> {
  const session = await openSession(writeModel(model), {});
  opened.push(session);
  const [out] = Object.values(await session.run({ x: tensorOf("float32", [2, channelsIn, ...size], x) }));
  return { dims: out!.dims, data: toFloat(out!) };
}

describe("a transposed convolution in phases", () => {
  it.each<Form>([
    { size: [7, 7], kernel: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1], extra: [0, 0] },
    { size: [7, 6], kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], extra: [1, 1] },
    { size: [5, 5], kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], extra: [0, 0] },
    { size: [4, 5], kernel: [5, 3], strides: [3, 2], pads: [1, 0, 2, 1], extra: [1, 0] },
    { size: [6, 6], kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], extra: [0, 0] },
    { size: [6, 5], kernel: [3, 4], strides: [1, 2], pads: [1, 1, 1, 1], extra: [0, 0] },
  ])("is the same function: %j", async (form) => {
    const model = transposed(form);
    const phases = inPhases(model);
    expect(phases.graph.nodes.some(({ op }) => op === "ConvTranspose")).toBe(false);
    const x = numbers(2 * channelsIn * form.size[0] * form.size[1]);
    const [plain, made] = [await run(model, x, form.size), await run(phases, x, form.size)];
    expect(made.dims).toEqual(plain.dims);
    for (const [i, value] of made.data.entries()) expect(value).toBeCloseTo(plain.data[i]!, 5);
  });

  it("is left alone where its phases would need less than is there, or where it has a step of 1", () => {
    const cropped = transposed({ size: [7, 7], kernel: [1, 1], strides: [2, 2], pads: [0, 0, 0, 0], extra: [0, 0] });
    const still = transposed({ size: [7, 7], kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], extra: [0, 0] });
    for (const model of [cropped, still]) expect(inPhases(model)).toEqual(model);
  });
});
