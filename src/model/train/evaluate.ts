/** How good a model is on data: accuracy, losses, classes one by one. */
import type { Dataset } from "../data/index.ts";
import { inlineFunctions, raiseOpset, writeModel } from "../onnx/index.ts";
import type { Model } from "../onnx/index.ts";
import type { ResidentModel } from "../runtime/index.ts";
import { bindInputs, inputsOf } from "./binding.ts";
import { defaultLoss, labelsOf, targetOf } from "./labels.ts";
import type { LabelNeed } from "./labels.ts";
import { losses } from "./losses/index.ts";
import type { LossName } from "./losses/index.ts";
import type { ClassFigures } from "./metrics/classes.ts";
import { measureFor } from "./metrics/index.ts";
import type { OpenPlace } from "./loop.ts";
import { chooseOutput, oldestOpset, scoreDims, sized } from "./prepared.ts";
import { badData } from "./refuse.ts";
import { seenOf } from "./seen.ts";
import { writeForward } from "./step-graph.ts";
import type { LossGraph } from "./loss-graph.ts";

/** What {@link evaluate} takes. */
export interface EvaluateOptions {
  readonly model: Model;
  readonly data: Dataset;
  readonly loss?: LossName | undefined;
  readonly output?: string | undefined;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly batch?: number;
  readonly threads?: number;
}

/** What it gives. */
export interface Evaluation {
  readonly loss: LossName;
  /** Examples. */
  readonly n: number;
  /** `accuracy`, `top5`, `loss`, `auc`, `mae`, `rmse`, `r2`: those that fit the loss. */
  readonly figures: Readonly<Record<string, number>>;
  readonly perClass: readonly ClassFigures[];
}

/** See `evaluate` at the room's face. */
export async function evaluateWith(open: OpenPlace, options: EvaluateOptions): Promise<Evaluation> {
  const { data, batch = 256 } = options;
  const model = raiseOpset(inlineFunctions(options.model), oldestOpset);
  const output = chooseOutput(model, options.output);
  const field = targetOf(data);
  const bindings = bindInputs(model, data, options.inputs);
  const dims = scoreDims(sized(model, bindings, batch), output);
  const loss = options.loss ?? defaultLoss(field, dims);
  const need: LabelNeed = { kind: losses.get(loss).labels, field, dims, isShare: loss === "binary" || loss === "kl" };
  const { meter } = measureFor(loss, dims, field);
  const place = await open({ threads: options.threads ?? 1 });
  const opened = new Map<number, Promise<Opened>>();
  const openFor = async (size: number): Promise<Opened> => {
    const { forward, ...graph } = writeForward(
      sized(model, bindings, size),
      { loss, output, smoothing: 0, weighed: false, weights: [] },
      [],
    );
    return { graph, model: await place.load(writeModel(forward)) };
  };
  let n = 0;
  try {
    for await (const next of data.batches({ size: batch })) {
      let ready = opened.get(next.size);
      if (ready === undefined) opened.set(next.size, (ready = openFor(next.size)));
      const { graph, model: forward } = await ready;
      const labels = labelsOf(need, next);
      const outputs = await forward.run({ ...inputsOf(bindings, next), [graph.labels]: labels });
      meter.see(seenOf(outputs[graph.scores]!, new Float32Array(outputs[graph.losses]!.data.slice().buffer), labels));
      n += next.size;
    }
  } finally {
    await place.close();
  }
  if (n === 0) throw badData("there are no examples to evaluate with", "bring data, or raise --limit");
  return { loss, n, figures: meter.read(), perClass: meter.perClass?.() ?? [] };
}

interface Opened {
  readonly graph: Omit<LossGraph, "model">;
  readonly model: ResidentModel;
}
