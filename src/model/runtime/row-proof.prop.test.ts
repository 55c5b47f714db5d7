// Starts a worker from dist/: `npm run build` first.
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { GraphBuilder, tensorOf, writeModel } from "../onnx/index.ts";
import { createHost } from "./host.ts";
import { proveRows } from "./row-proof.ts";
import { rowsOf } from "./rows.ts";
import type { NamedTensor } from "./session.ts";
import { startThread } from "./thread-link.node.ts";

const host = createHost(startThread);
afterAll(() => host.close());

const rows = 3;

/** One step of a random graph: an operator with random axes over random values made before. Many make no sense, and are left out. */
interface Step {
  readonly op: string;
  readonly a: number;
  readonly b: number;
  readonly axis: number;
  readonly flag: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom(
    "Tanh",
    "Add",
    "MatMul",
    "Transpose",
    "Softmax",
    "ReduceMean",
    "Concat",
    "Slice",
    "Gather",
    "Reshape",
    "Unsqueeze",
    "Squeeze",
    "Einsum",
    "GatherElements",
    "Pad",
    "LayerNormalization",
  ),
  a: fc.nat(9),
  b: fc.nat(9),
  axis: fc.integer({ min: -2, max: 2 }),
  flag: fc.nat(5),
});

function apply(b: GraphBuilder, made: readonly string[], { op, a: first, b: second, axis, flag }: Step): string {
  const [x, y] = [made[first % made.length]!, made[second % made.length]!];
  const perms = [
    [1, 0],
    [0, 2, 1],
    [1, 0, 2],
    [2, 1, 0],
    [1, 2, 0],
    [0, 1],
  ];
  const shapes = [
    [0, -1],
    [-1, 4],
    [0, 2, 2],
    [4, -1],
    [-1, 2, 2],
    [0, 0],
  ];
  const equations = ["ij,kj->ik", "ij,ij->ij", "ij,ij->i", "ij,ij->j", "ij,jk->ik", "ij,ki->kj"];
  switch (op) {
    case "Tanh":
      return b.op(op, [x]);
    case "Add":
    case "MatMul":
      return b.op(op, [x, y]);
    case "Transpose":
      return b.op(op, [x], { perm: perms[flag]! });
    case "Softmax":
      return b.op(op, [x], { axis });
    case "LayerNormalization":
      return b.op(op, [x, b.scalar("float32", 1)], { axis });
    case "ReduceMean":
      return b.op(op, [x, b.ints([axis])], { keepdims: flag % 2 });
    case "Concat":
      return b.op(op, [x, y], { axis });
    case "Slice":
      return b.op(op, [x, b.ints([-1]), b.ints([-1000]), b.ints([axis]), b.ints([-1])]);
    case "Gather":
      return b.op(op, [x, b.ints([1, 0, 1, 0].slice(flag % 2))], { axis });
    case "GatherElements":
      return b.op(op, [x, b.op("Cast", [b.op("Greater", [y, b.scalar("float32", 0)])], { to: 7 })], { axis });
    case "Reshape":
      return b.op(op, [x, b.ints(shapes[flag]!)]);
    case "Einsum":
      return b.op(op, [x, y], { equation: equations[flag]! });
    case "Pad":
      return b.op(op, [x, b.ints([flag % 2, 1 - (flag % 2), -(flag % 2), 0]), b.scalar("float32", 0)]);
    default:
      return b.op(op, [x, b.ints([axis])]);
  }
}

const input = (values: readonly number[]): NamedTensor => ({ name: "x", ...tensorOf("float32", [rows, 4], values) });
const run = async (values: readonly number[]): Promise<readonly NamedTensor[]> =>
  (await host.run([input(values)], { outputs: [], timeoutMs: 5000 })).outputs;
const wave = (seed: number): number[] => Array.from({ length: rows * 4 }, (_, i) => Math.sin(seed + i * 1.7));

describe("a proof that rows keep apart", () => {
  it("is never contradicted by a run, whatever the graph", async () => {
    let held = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 5 }), async (steps) => {
        const b = new GraphBuilder();
        const made = [b.input("x", "float32", ["N", 4])];
        for (const step of steps) made.push(apply(b, made, step));
        b.output(made.at(-1)!);
        const model = b.model();
        const opened = await host.open(writeModel(model), { timeoutMs: 5000, maxOutputBytes: 2 ** 20 }).then(
          () => true,
          () => false,
        );
        if (!opened) return;
        let proven = false;
        try {
          ({ proven } = proveRows(model));
        } catch {
          // Shapes that do not fit: ONNX Runtime finds out when it runs.
        }
        if (!proven) return void refused++;
        const alike = wave(1);
        const other = [
          ...wave(2).slice(0, 4),
          ...alike.slice(4, 8),
          ...wave(3)
            .map((value) => 50 * value)
            .slice(8),
        ];
        const answers = [await run(alike).catch(() => undefined), await run(other).catch(() => undefined)];
        if (!answers[0] || !answers[1]) return;
        const [one, two] = answers.map((outputs) =>
          outputs!.map((output) => (output.dims[0] === rows ? rowsOf(output, 1, 2).data : undefined)),
        );
        expect(two).toEqual(one);
        expect(one).not.toContain(undefined);
        held++;
      }),
      { numRuns: 1500 },
    );
    // Both verdicts were put to the test.
    expect(held).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  }, 120_000);
});
