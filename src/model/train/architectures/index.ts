import { createRegistry } from "../../../base/registry/index.ts";
import type { Registry } from "../../../base/registry/index.ts";
import type { Model } from "../../onnx/index.ts";
import { initialise } from "../initialise.ts";
import { badOption } from "../refuse.ts";
import { all } from "./_all.ts";
import { createNet } from "./define.ts";
import type { Architecture, ArchitectureOptions } from "./define.ts";

export const architectures: Registry<Architecture> = createRegistry("architecture", all);

/**
 * A small model with weights by seed: input `input`, batch first and free, output `logits`.
 * @throws registry/unknown · train/bad-option
 * @example newModel("cnn", { input: [1, 28, 28], classes: 10, seed: 1 });
 */
export function newModel(kind: string, options: ArchitectureOptions & { readonly seed?: number }): Model {
  const { input, classes, vocabulary, seed = 0 } = options;
  for (const size of [...input, classes, vocabulary ?? 1])
    if (!Number.isSafeInteger(size) || size < 1) throw badOption(`a size of ${size}`, "sizes are whole numbers from 1");
  const architecture = architectures.get(kind);
  if (vocabulary !== undefined && architecture.id !== "transformer")
    throw badOption(`a ${architecture.id} takes no tokens`, "use `transformer` for text");
  const net = createNet(kind, options);
  const scores = architecture.write(net, options);
  net.b.call({ op: "Identity", inputs: [scores], outputs: ["logits"] });
  net.b.output("logits", "float32", ["N", classes]);
  return initialise(net.b.model(), { seed });
}
