import type { Finding } from "../../../base/finding/index.ts";
import { externalLocations, indexOf, intAttr, nodeLabel, requiredInputs, toNumbers } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";

type Smell = Omit<Finding, "rule" | "severity">;

/** What is allowed in a model and seldom meant. The key is the rule's id after `model/`. */
const smells: Readonly<
  Record<string, { readonly severity: Finding["severity"]; readonly look: (model: Model) => readonly Smell[] }>
> = {
  "ends-in-softmax": {
    severity: "low",
    look: ({ graph }) =>
      graph.outputs
        .map(({ name }) => indexOf(graph).producer(name))
        .filter((node) => node?.op === "Softmax" || node?.op === "Sigmoid")
        .map((node) => ({
          message: "the model answers probabilities, not logits",
          where: { node: nodeLabel(node!) },
          why: "gradients vanish where a softmax is sure of itself, so attacks look weaker than they are",
          fix: "export the logits; attacks cut this node off by themselves",
        })),
  },
  "training-mode": {
    severity: "medium",
    look: ({ graph }) =>
      graph.nodes
        .filter((node) => node.op === "BatchNormalization" && intAttr(node, "training_mode", 0) === 1)
        .map((node) => ({
          message: "a batch normalisation was exported in training form",
          where: { node: nodeLabel(node) },
          why: "an answer depends on the other rows of its batch",
          fix: "call model.eval() before the export",
        })),
  },
  "fixed-batch": {
    severity: "info",
    look: ({ graph }) =>
      requiredInputs(graph)
        .filter(({ type }) => type?.kind === "tensor" && typeof type.dims?.[0] === "number" && type.dims.length > 1)
        .map(({ name, type }) => ({
          message: `input ${name} takes exactly ${type?.kind === "tensor" ? type.dims?.[0] : "?"} rows`,
          where: {},
          why: "requests cannot share a run, and a client must send whole batches",
          fix: "export with a free first dimension (docs/guide/export.md)",
        })),
  },
  "not-finite": {
    severity: "high",
    look: ({ graph }) =>
      [...graph.initializers]
        .filter(
          ([, tensor]) =>
            tensor.external === undefined &&
            /^(b?float|float8)/.test(tensor.type) &&
            toNumbers(tensor).some((value) => !Number.isFinite(value)),
        )
        .map(([name]) => ({
          message: `the weights ${name} hold NaN or an infinity`,
          where: {},
          why: "answers become NaN for some or all inputs",
          fix: "training diverged or the file is damaged: take an earlier checkpoint",
        })),
  },
  "external-data": {
    severity: "low",
    look: (model) =>
      [...externalLocations(model)].map((location) => ({
        message: `weights lie in another file, ${location}`,
        where: {},
        why: "the digest of this file does not cover them",
        fix: "export with all data in one file, or list that file with its digest",
      })),
  },
  "unused-weights": {
    severity: "info",
    look: ({ graph }) =>
      [...graph.initializers.keys()]
        .filter((name) => indexOf(graph).consumers(name).length === 0 && !indexOf(graph).isOutput(name))
        .map((name) => ({
          message: `nothing reads the weights ${name}`,
          where: {},
          why: "they make the file larger, and hidden data can travel in them",
          fix: "simplify the graph before the export",
        })),
  },
};

/** At most this many of one kind: a hostile graph could name every node. */
const maxEach = 20;

export function smellsOf(model: Model, file: string): Finding[] {
  return Object.entries(smells).flatMap(([id, { severity, look }]) =>
    look(model)
      .slice(0, maxEach)
      .map((smell) => ({ rule: `model/${id}`, severity, ...smell, where: { file, ...smell.where } })),
  );
}
