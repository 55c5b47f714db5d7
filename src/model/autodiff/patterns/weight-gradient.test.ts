import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load } from "../../../../test/helpers/ort.ts";
import { GraphBuilder, tensorOf, toNumbers } from "../../onnx/index.ts";
import { gradient } from "../index.ts";

const shapes = fc.record({
  channels: fc.constantFrom([1, 8], [3, 16], [16, 16], [16, 6], [8, 24]),
  size: fc.tuple(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 5, max: 9 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
  dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
  pads: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
});

describe("the gradient of a convolution's weights", () => {
  it("is the same, written for blocks of channels", () =>
    fc.assert(
      fc.asyncProperty(shapes, async ({ channels: [inputs, outputs], size, ...attributes }) => {
        const b = new GraphBuilder();
        const x = b.input("x", "float32", [8, inputs!, ...size]);
        const numbers = (dims: readonly number[], seed: number) =>
          tensorOf(
            "float32",
            dims,
            Float32Array.from({ length: dims.reduce((p, d) => p * d, 1) }, (_, i) => Math.sin(seed + 1.7 * i)),
          );
        const w = b.initializer("w", numbers([outputs!, inputs!, ...attributes.kernel], 2));
        const { kernel: _, ...moved } = attributes;
        const y = b.op("Conv", [x, w], moved);
        b.output(b.op("ReduceSum", [b.op("Mul", [y, y])], { keepdims: 0 }), "float32", []);
        const found: (readonly number[])[] = [];
        for (const blocks of [undefined, 8]) {
          const made = gradient(b.model(), { loss: "sum", wrt: ["w"], blocks });
          const session = await load(made.model);
          const answer = await session.run({ x: numbers([8, inputs!, ...size], 1) });
          found.push(toNumbers(answer[made.gradients.get("w")!]!));
          await session.close();
        }
        const [plain, blocked] = found as [readonly number[], readonly number[]];
        const scale = Math.max(1, ...plain.map(Math.abs));
        expect(blocked).toHaveLength(plain.length);
        for (const [i, value] of plain.entries()) expect(Math.abs(blocked[i]! - value) / scale).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    ));
});
