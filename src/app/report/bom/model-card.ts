/** The model card of an ML-BOM (CycloneDX 1.6, `modelCard`). */
import type { Figure } from "../../../base/evidence/index.ts";
import type { ModelCard } from "./cards.ts";
import { properties } from "./document.ts";

export function modelCardOf(card: ModelCard, dataRefs: readonly string[]): object {
  const { about, training, assessments } = card;
  const metrics = [
    ...(training?.figures.map((figure) => metricOf(figure, "training record")) ?? []),
    ...assessments.flatMap(({ figures, data }) => figures.map((figure) => metricOf(figure, data?.name ?? "assessment"))),
  ];
  const limits = assessments.flatMap((one) => one.limits);
  return {
    modelParameters: parametersOf(card, dataRefs),
    ...(metrics.length > 0 && { quantitativeAnalysis: { performanceMetrics: metrics } }),
    ...(limits.length > 0 && { considerations: { technicalLimitations: limits } }),
    ...properties({
      "modelkeep:onnx-ir-version": about?.irVersion,
      "modelkeep:onnx-opsets": about && listed(about.opsets, " "),
      "modelkeep:parameters": card.parameters,
      "modelkeep:training-epochs": training?.epochs,
      "modelkeep:training-record": training?.record,
      "modelkeep:assessment-seed": assessments.at(-1)?.seed,
      "modelkeep:assessment-replay": assessments.at(-1)?.replay,
    }),
  };
}

function parametersOf({ about, task, architecture, training }: ModelCard, dataRefs: readonly string[]): object {
  const isSupervised = training?.loss !== undefined || about?.task !== undefined;
  const named = task ?? taskOf(training?.loss) ?? about?.task;
  return {
    ...(isSupervised && { approach: { type: "supervised" } }),
    ...(named !== undefined && { task: named }),
    ...(about?.family !== undefined && { architectureFamily: about.family }),
    ...modelArchitecture(architecture ?? (about && listed(about.operators, " ×"))),
    ...(dataRefs.length > 0 && { datasets: dataRefs.map((ref) => ({ ref })) }),
    ...(about && {
      inputs: about.inputs.map(({ name, type }) => ({ format: `${name}: ${type}` })),
      outputs: about.outputs.map(({ name, type }) => ({ format: `${name}: ${type}` })),
    }),
  };
}

const modelArchitecture = (text: string | undefined) => (text === undefined || text === "" ? {} : { modelArchitecture: text });

const listed = (entries: Readonly<Record<string, number>>, between: string): string =>
  Object.entries(entries)
    .map(([name, value]) => `${name}${between}${value}`)
    .join(", ");

/** What a loss is minimised for; those that tell nothing of the task are left out. */
function taskOf(loss: string | undefined): string | undefined {
  if (loss === "cross-entropy" || loss === "binary" || loss === "margin") return "classification";
  return loss === "mse" ? "regression" : undefined;
}

function metricOf({ name, value, interval, n }: Figure, slice: string): object {
  return {
    type: name,
    value: String(value),
    slice: n === undefined ? slice : `${slice}, ${n} examples`,
    ...(interval !== undefined && {
      confidenceInterval: { lowerBound: String(interval.low), upperBound: String(interval.high) },
    }),
  };
}
