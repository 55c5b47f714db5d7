import { describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { attacks, openTargetWith, runAttack } from "../../attack/index.ts";
import { thenSearch } from "./search.ts";

/** Class 1 wins where a sawtooth over eight numbers is high: its slope says to go up at every point, also where the fall is next. */
function sawtooth(): Model {
  const b = new GraphBuilder();
  b.input("x", "float32", ["N", 8]);
  const steep = b.op("Mul", ["x", b.scalar("float32", 30)]);
  const saw = b.op("Sub", [steep, b.op("Floor", [steep])]);
  const score = b.op("ReduceMean", [saw, b.ints([1])], { keepdims: 1 });
  b.output(b.op("Concat", [b.op("Expand", [b.scalar("float32", 0.9), b.op("Shape", [score])]), score], { axis: 1 }), "float32", [
    "N",
    2,
  ]);
  return b.model();
}

describe("a random search from the best points of an attack", () => {
  it("finds what lies over a jump that the slope does not tell of, within the radius", async () => {
    const target = await openTargetWith(openSession, sawtooth());
    const x = Float32Array.from({ length: 8 }, (_, i) => 0.5 + 0.003 * i);
    const ask = {
      target,
      x,
      labels: Int32Array.of(0),
      threat: { norm: "linf" as const, epsilons: [0.1], bounds: { low: 0, high: 1 } },
    };
    const pgd = attacks.get("pgd");
    try {
      const alone = await runAttack(pgd, { ...ask, params: { steps: 10 } });
      const both = await runAttack(thenSearch(pgd, 500), { ...ask, params: { steps: 10 } });
      expect([alone, both].map(({ perEpsilon }) => perEpsilon[0]!.success[0])).toEqual([0, 1]);
      expect(both.distance[0]).toBeLessThanOrEqual(0.1 * (1 + 1e-5));
      expect(
        (await target.decide({ x: new Float32Array(both.nearest.data.buffer, both.nearest.data.byteOffset, 8), count: 1 }))[0],
      ).toBe(1);
    } finally {
      await target.close();
    }
  });
});
