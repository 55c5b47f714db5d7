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

it("says how likely any other class is, and levels off where the answer is wrong", async () => {
  const b = new GraphBuilder();
  b.output(b.op("Identity", [b.input("x", "float32", ["N", 3])]), "float32", ["N", 3]);
  const target = await openTarget(b.model());
  const rows = [
    [2, 0.5, -1],
    [60, 0, -3],
    [-50, 40, 1],
  ];
  const { loss, gradient } = await target.whiteBox!.gradient(
    "log-wrong",
    { x: Float32Array.from(rows.flat()), count: 3 },
    { labels: Int32Array.of(0, 0, 0) },
  );
  for (const [i, [own, ...others]] of rows.entries()) {
    const lead = Math.log(others.reduce((sum, z) => sum + Math.exp(z - own!), 0));
    expect(loss[i]).toBeCloseTo(-Math.log1p(Math.exp(-lead)), 4);
    expect(gradient[3 * i]).toBeCloseTo(-1 / (1 + Math.exp(lead)), 4);
  }
  expect([...gradient.subarray(6)].map(Math.abs)).toEqual([0, 0, 0].map(() => expect.closeTo(0, 6)));
  await target.close();
});
