/** How many channels ONNX Runtime's blocked convolutions take at once, asked of the place where graphs will run. */
import { GraphBuilder, tensorOf, toNumbers, writeModel } from "../../onnx/index.ts";
import type { Resident } from "../resident.ts";
import { blockedDomain } from "./operators.ts";

/**
 * 8 or 16, as wide as the processor's vectors (`MlasNchwcGetBlockSize` in ONNX Runtime); 1 where there are no blocked convolutions: in WebAssembly, on
 * other providers, in versions to come that do without. It is read from what the change of layout does to two pixels.
 * @example if ((await blockSizeOf(place)) > 1) model = inBlocks(model, await blockSizeOf(place));
 */
export async function blockSizeOf(place: Resident): Promise<number> {
  const channels = 64;
  const b = new GraphBuilder({
    name: "block",
    opsets: new Map([
      ["", 18],
      [blockedDomain, 1],
    ]),
  });
  const x = b.input("x", "float32", [1, channels, 1, 2]);
  b.output(b.call({ op: "ReorderInput", domain: blockedDomain, inputs: [x] })[0]!, "float32", [1, channels, 1, 2]);
  try {
    const probe = await place.load(writeModel(b.model()));
    const values = Float32Array.from({ length: 2 * channels }, (_, i) => i);
    const [answer] = Object.values(await probe.run({ x: tensorOf("float32", [1, channels, 1, 2], values) }));
    // The first pixel's channels come first, a block of them, then the second pixel's.
    return toNumbers(answer!).indexOf(1);
  } catch {
    return 1;
  }
}
