import { createSeeded } from "../../src/base/math/index.ts";
import { GraphBuilder, tensorOf } from "../../src/model/onnx/index.ts";
import type { Model } from "../../src/model/onnx/index.ts";

/** What a small net is like. */
interface TanhNet {
  readonly rowDims: readonly number[];
  readonly classes: number;
  readonly seed: number;
  /** Weights lie within half of it on both sides of 0. */
  readonly spread: number;
  /** The root of a square has no slope at 0: numbers at 0 have a slope that is none. */
  readonly holes?: boolean;
}

/** One hidden layer of 16. */
export function tanhNet({ rowDims, classes, seed, spread, holes = false }: TanhNet): Model {
  const random = createSeeded(seed);
  const b = new GraphBuilder();
  const rowSize = rowDims.reduce((product, size) => product * size, 1);
  const weights = (rows: number, columns: number) =>
    b.constant(
      tensorOf(
        "float32",
        [rows, columns],
        Array.from({ length: rows * columns }, () => (random.unit() - 0.5) * spread),
      ),
    );
  let x = b.input("x", "float32", ["N", ...rowDims]);
  if (rowDims.length > 1) x = b.op("Flatten", [x]);
  if (holes) x = b.op("Sqrt", [b.op("Mul", [x, x])]);
  const hidden = b.op("Tanh", [b.op("MatMul", [x, weights(rowSize, 16)])]);
  b.output(b.op("MatMul", [hidden, weights(16, classes)]), "float32", ["N", classes]);
  return b.model();
}
