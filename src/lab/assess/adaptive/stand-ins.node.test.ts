import { describe, expect, it } from "vitest";
import { GraphBuilder, tensorOf } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { openTargetWith } from "../../attack/index.ts";
import { surrogateOf } from "./surrogate.ts";

/** Two scores of two numbers. */
function net(part: (b: GraphBuilder, x: string) => string): Model {
  const b = new GraphBuilder();
  b.input("x", "float32", ["N", 2]);
  b.output(part(b, "x"), "float32", ["N", 2]);
  return b.model();
}

const point = { x: Float32Array.of(0.3, 0.6), count: 1 };

async function scoresOf(model: Model): Promise<number[]> {
  const target = await openTargetWith(openSession, model);
  try {
    return [...(await target.scores!(point))];
  } finally {
    await target.close();
  }
}

/** Scores, and the slope of the second score minus the first. */
async function slopeOf(model: Model): Promise<{ scores: number[]; slope: number[] }> {
  const target = await openTargetWith(openSession, model);
  try {
    const { scores, gradient } = await target.whiteBox!.gradient("margin", point, { labels: Int32Array.of(0) });
    return { scores: [...scores], slope: [...gradient] };
  } finally {
    await target.close();
  }
}

const close = (values: readonly number[], digits: number) => values.map((value) => expect.closeTo(value, digits) as number);

describe("what stands for a table", () => {
  it("gives the values of the table, and its rise over several places in place of jumps from one to the next", async () => {
    const jagged = Float32Array.from({ length: 256 }, (_, place) => (2 * place) / 255 + (place % 2) * 0.05);
    const model = net((b, x) => {
      const place = b.op("Cast", [b.op("Round", [b.op("Mul", [x, b.scalar("float32", 255)])])], { to: 7 });
      return b.op("Gather", [b.constant(tensorOf("float32", [256], jagged)), place]);
    });
    const { scores, slope } = await slopeOf(surrogateOf(model, { saturating: false })!.model);
    expect(scores).toEqual(close(await scoresOf(model), 5));
    expect(slope).toEqual(close([-2, 2], 4));
  });
});

describe("what stands for waves", () => {
  const rippled = (wave: "Sin" | "Cos"): Model =>
    net((b, x) => {
      const ripple = b.op(wave, [b.op("Mul", [x, b.scalar("float32", 600)])]);
      return b.op("Add", [x, b.op("Mul", [ripple, b.scalar("float32", 0.02)])]);
    });

  it.for(["Sin", "Cos"] as const)("gives their values, and the slope of what they lie upon: %s", async (wave) => {
    const model = rippled(wave);
    const { scores, slope } = await slopeOf(surrogateOf(model, { saturating: false, waves: true })!.model);
    expect(scores).toEqual(close(await scoresOf(model), 5));
    expect(slope).toEqual([-1, 1]);
    // Which their own slopes hide.
    expect(Math.abs((await slopeOf(model)).slope[1]! - 1)).toBeGreaterThan(1);
  });

  it("is nothing where no other way leads to the scores, or where it is not wanted", () => {
    expect(
      surrogateOf(
        net((b, x) => b.op("Sin", [x])),
        { saturating: true, waves: true },
      ),
    ).toBeUndefined();
    expect(surrogateOf(rippled("Sin"), { saturating: true })).toBeUndefined();
  });
});
