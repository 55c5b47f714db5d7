/** Small ONNX files for the fixtures of rules. */

import { GraphBuilder, tensorOf, writeModel } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";

/** y = x + w, with w in memory. */
export function plainModel(): Uint8Array {
  return withWeights(tensorOf("float32", [2], [1, 2]));
}

/** The same with w at a place outside the file. */
export function externalModel(location: string): Uint8Array {
  const tensor = tensorOf("float32", [2], [1, 2]);
  return withWeights({ ...tensor, data: new Uint8Array(0), external: { location, offset: 0, length: 8 } });
}

function withWeights(weights: Tensor): Uint8Array {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [2]);
  builder.output(builder.op("Add", [x, builder.initializer("w", weights)]), "float32", [2]);
  return writeModel(builder.model());
}

/** An operator of a domain that is not ONNX's. */
export function foreignModel(): Uint8Array {
  const builder = new GraphBuilder({
    opsets: new Map([
      ["", 18],
      ["evil", 1],
    ]),
  });
  const x = builder.input("x", "float32", [2]);
  const [y] = builder.call({ op: "Run", domain: "evil", inputs: [x] });
  builder.output(y!, "float32", [2]);
  return writeModel(builder.model());
}
