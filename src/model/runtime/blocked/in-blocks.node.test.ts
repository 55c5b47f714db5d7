import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder, readModel, tensorOf, toNumbers, writeModel } from "../../onnx/index.ts";
import type { Model } from "../../onnx/index.ts";
import { openResident } from "../index.node.ts";
import type { Resident } from "../index.node.ts";
import { blockSizeOf } from "./block-size.ts";
import { inBlocks } from "./in-blocks.ts";

interface Shape {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  readonly bias: boolean;
  readonly relu: boolean;
  readonly turned: boolean;
}

const size = 9;
const outLength = ({ kernel, stride, dilation, pad }: Shape): number =>
  Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;

/** A convolution whose weights come in with the batch, turned or as they are. */
function net(shape: Shape): Model {
  const { batch, inputs, outputs, kernel, stride, dilation, pad } = shape;
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [batch, inputs, size, size]);
  const w = shape.turned
    ? b.op("Transpose", [b.input("w", "float32", [inputs, outputs, kernel, kernel])], { perm: [1, 0, 2, 3] })
    : b.input("w", "float32", [outputs, inputs, kernel, kernel]);
  const more = shape.bias ? [b.input("b", "float32", [outputs])] : [];
  const y = b.op("Conv", [x, w, ...more], {
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: [pad, pad, pad, pad],
  });
  b.output(shape.relu ? b.op("Relu", [y]) : y, "float32", [batch, outputs, outLength(shape), outLength(shape)]);
  return b.model();
}

const shapes = fc.record({
  batch: fc.constantFrom(1, 3, 8),
  inputs: fc.constantFrom(1, 3, 8, 16, 20, 32),
  outputs: fc.constantFrom(5, 8, 16, 32, 48),
  kernel: fc.constantFrom(1, 2, 3),
  stride: fc.constantFrom(1, 2),
  dilation: fc.constantFrom(1, 2),
  pad: fc.constantFrom(0, 1),
  bias: fc.boolean(),
  relu: fc.boolean(),
  turned: fc.boolean(),
});

describe("convolutions in blocks", () => {
  let place: Resident;
  let block: number;
  beforeAll(async () => {
    place = await openResident();
    block = await blockSizeOf(place);
  });
  afterAll(() => place.close());

  async function outputOf(model: Model): Promise<readonly number[]> {
    const loaded = await place.load(writeModel(model));
    const feeds = Object.fromEntries(
      loaded.inputs.map(({ name, dims }) => {
        const values = Float32Array.from({ length: (dims as number[]).reduce((a, d) => a * d, 1) }, (_, i) =>
          Math.sin(i * 7.3 + name.length),
        );
        return [name, tensorOf("float32", dims as number[], values)];
      }),
    );
    return toNumbers(Object.values(await loaded.run(feeds))[0]!);
  }

  it("find out how large blocks are", () => expect([1, 8, 16]).toContain(block));

  it("give what they gave before", () =>
    fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const model = net(shape);
        const [before, after] = [await outputOf(model), await outputOf(inBlocks(model, block))];
        expect(after).toHaveLength(before.length);
        const scale = Math.max(1, ...before.map(Math.abs));
        for (const [i, value] of before.entries()) expect(Math.abs(after[i]! - value) / scale).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    ));

  const plain: Shape = {
    batch: 8,
    inputs: 16,
    outputs: 16,
    kernel: 3,
    stride: 1,
    dilation: 1,
    pad: 1,
    bias: true,
    relu: true,
    turned: false,
  };
  const operators = (model: Model): string[] =>
    model.graph.nodes.map(({ op, domain }) => (domain === "" ? op : `${domain}::${op}`));

  it("take in a rectifier behind them", () => {
    expect(operators(inBlocks(net(plain), 8))).toContain("com.microsoft.nchwc::Conv");
    expect(operators(inBlocks(net(plain), 8))).not.toContain("Relu");
  });

  it.each([
    ["whose channels do not fill a block", { ...plain, outputs: 20 }],
    ["where there are no blocks", plain],
  ])("leave a convolution alone %s", (what, shape) => {
    const model = net(shape);
    expect(operators(inBlocks(model, what.endsWith("blocks") ? 1 : 8))).toEqual(operators(model));
  });

  it("leave constant weights to ONNX Runtime, and a rectifier that is not alone where it is", () => {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", [8, 16, size, size]);
    const constant = b.op("Conv", [x, b.initializer("w", tensorOf("float32", [16, 16, 1, 1], new Float32Array(256)))]);
    const moving = b.op("Conv", [constant, b.input("v", "float32", [16, 16, 1, 1])]);
    b.output(b.op("Relu", [moving]), "float32", [8, 16, size, size]);
    b.output(moving, "float32", [8, 16, size, size]);
    const blocked = operators(inBlocks(readModel(writeModel(b.model())), 8));
    expect(blocked.filter((name) => name === "Conv" || name === "Relu")).toEqual(["Conv", "Relu"]);
    expect(blocked.filter((name) => name === "com.microsoft.nchwc::Conv")).toHaveLength(1);
  });
});
