import { expect, it } from "vitest";
import { openTarget } from "../index.node.ts";
import { GraphBuilder } from "../../../model/onnx/index.ts";

it("gives a confident answer a gradient, not what rounding leaves of one", async () => {
  const b = new GraphBuilder();
  b.output(b.op("Identity", [b.input("x", "float32", ["N", 3])]), "float32", ["N", 3]);
  const target = await openTarget(b.model());
  const x = Float32Array.of(18, 0, -1, 0, 200, -200);
  const labels = Int32Array.of(0, 0);
  const { loss, gradient } = await target.whiteBox!.gradient("cross-entropy", { x, count: 2 }, { labels });
  // Softmax in double precision: p₀ − 1 = −2.083e-8, which float32 cannot tell from 0 or −6e-8 by subtraction.
  const others = [Math.exp(-18), Math.exp(-19)];
  const sum = 1 + others[0]! + others[1]!;
  expect(gradient[0]! / (-(others[0]! + others[1]!) / sum)).toBeCloseTo(1, 5);
  expect(gradient[1]! / (others[0]! / sum)).toBeCloseTo(1, 5);
  // And a wrong answer by a wide margin does not overflow.
  expect(loss[1]).toBeCloseTo(200, 3);
  expect([...gradient.subarray(3)]).toEqual([-1, 1, 0]);
  await target.close();
});
