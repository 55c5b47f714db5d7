import { beforeAll, describe, expect, it } from "vitest";
import { calibrate, defend, ensembleOf, parseSpec, watch, withThreshold } from "../../src/lab/defend/index.node.ts";
import type { Model } from "../../src/model/onnx/index.ts";
import { toFloat, tensorOf, writeModel } from "../../src/model/onnx/index.ts";
import { openSession } from "../../src/model/runtime/index.node.ts";
import { assessPlanted, labelledDigits } from "../helpers/assess-digits.ts";
import { honestModels } from "../helpers/fake-defences.ts";

const digits = await labelledDigits(400);
const few = { x: digits.x.slice(0, 60 * 784), labels: digits.labels.slice(0, 60) };
const bare = honestModels[0]!.model();

async function guarded(spec: string): Promise<Model> {
  const watched = watch(bare, parseSpec(spec));
  const session = await openSession(writeModel(watched.model), { threads: 1 });
  const rest = tensorOf("float32", [340, 1, 28, 28], digits.x.subarray(60 * 784));
  const answer = await session.run({ [session.inputs[0]!.name]: rest }, { outputs: [watched.output] });
  await session.close();
  return withThreshold(watched, calibrate(toFloat(answer[watched.output]!), { rate: 0.05 }));
}

const squeezed: readonly (readonly [string, () => Model | Promise<Model>])[] = [
  ["squeeze:bits=1", () => defend(bare, [parseSpec("squeeze:bits=1")])],
  ["squeeze:bits=3", () => defend(bare, [parseSpec("squeeze:bits=3")])],
  ["median:size=3", () => defend(bare, [parseSpec("median:size=3")])],
  ["jpeg:quality=30", () => defend(bare, [parseSpec("jpeg:quality=30")])],
  ["squeeze and median", () => defend(bare, [parseSpec("squeeze:bits=2"), parseSpec("median:size=2")])],
  ["an ensemble with its squeezed self", () => ensembleOf([bare, defend(bare, [parseSpec("squeeze:bits=2")])])],
  ["detector squeeze:bits=1", () => guarded("squeeze:bits=1")],
  ["detector noise", () => guarded("noise")],
];

describe("a defence in front of the digit model", () => {
  let undefended: number;
  beforeAll(async () => {
    undefended = (await assessPlanted(honestModels[0]!, few, { threat: "linf:0.2", planted: 4 })).threats[0]!.robustAccuracy;
  });

  it.for(squeezed)("is never called robust where the attack that knows it breaks it: %s", async ([name, model]) => {
    const made = await model();
    const planted = { name, model: () => made, flaggedBy: [] };
    const { threats, adaptive, cleanAccuracy } = await assessPlanted(planted, few, { threat: "linf:0.2", planted: 4 });
    const [{ verdict, robustAccuracy }] = threats as [(typeof threats)[0]];
    console.log(name, { undefended, cleanAccuracy, robustAccuracy, verdict, adaptive });
    expect(verdict).not.toBe("robust");
  });
});
