import { toModelkeepError } from "../../../base/error/index.ts";
import type { Finding } from "../../../base/finding/index.ts";
import { differentiability } from "../../../model/autodiff/index.ts";
import type { Differentiability } from "../../../model/autodiff/index.ts";
import { contractOf, costOf, problemsOf, requiredInputs, typeText } from "../../../model/onnx/index.ts";
import type { CostReport, Model, ModelContract } from "../../../model/onnx/index.ts";
import { readModelAt } from "./read-file.ts";
import { smellsOf } from "./smells.ts";

/** What `modelkeep inspect` tells of a model. */
export interface Inspection {
  readonly file: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly irVersion: number;
  readonly producer: string | null;
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly { readonly name: string; readonly type: string }[];
  readonly outputs: readonly { readonly name: string; readonly type: string }[];
  /** How rows may be sent together, or null when the model cannot be served, with the reason in `problems`. */
  readonly batch: { readonly kind: ModelContract["batch"]; readonly maxBatch: number } | null;
  readonly parameters: number | null;
  /** Bytes of the weights, and of the values of one run at `rows` rows. */
  readonly memory: {
    readonly rows: number;
    readonly parameterBytes: number;
    readonly peakBytes: number;
    readonly activationBytes: number;
  } | null;
  readonly flops: number | null;
  readonly nodes: number;
  /** How often each operator stands in the graph, functions and short loops written out. */
  readonly operators: Readonly<Record<string, number>>;
  /** What only running the model will tell. */
  readonly unbounded: CostReport["unbounded"];
  readonly gradients: Differentiability | null;
  /** Breaches of the standard, and what else keeps the model from being served or differentiated. */
  readonly problems: readonly { readonly node: string | null; readonly message: string }[];
  readonly smells: readonly Finding[];
}

/**
 * Everything that can be known of a model file without running it. What cannot be known of a broken model is null and has its reason in
 * `problems`; a file that is no ONNX model at all is an error.
 *
 * @throws what {@link readModelAt} throws
 */
export async function inspectModel(path: string): Promise<Inspection> {
  const { model, digest, sizeBytes } = await readModelAt(path);
  const problems: { node: string | null; message: string }[] = [];
  const attempt = <T>(what: string, act: () => T): T | null => {
    try {
      return act();
    } catch (error) {
      problems.push({ node: null, message: `${what}: ${toModelkeepError(error).message}` });
      return null;
    }
  };
  const found = attempt("the graph cannot be checked", () => problemsOf(model));
  for (const { node, message } of found ?? []) problems.push({ node: node ?? null, message });
  const contract = attempt("it cannot be served", () => contractOf(model));
  const cost = attempt("its cost is not acceptable", () => costOf(model));
  const gradients = attempt("it cannot be differentiated", () => differentiability(model));
  const { graph } = model;
  return {
    file: path,
    digest,
    sizeBytes,
    irVersion: model.irVersion,
    producer: [model.producer, model.producerVersion].filter((part) => part !== undefined && part !== "").join(" ") || null,
    opsets: Object.fromEntries([...model.opsets].map(([domain, version]) => [domain || "ai.onnx", version])),
    inputs: requiredInputs(graph).map(({ name, type }) => ({ name, type: type === undefined ? "?" : typeText(type) })),
    outputs: graph.outputs.map(({ name, type }) => ({ name, type: type === undefined ? "?" : typeText(type) })),
    batch: contract && { kind: contract.batch, maxBatch: contract.maxBatch },
    parameters: cost?.parameters ?? null,
    memory: cost && {
      rows: cost.rows,
      parameterBytes: cost.parameterBytes,
      peakBytes: cost.peakBytes,
      activationBytes: cost.activationBytes,
    },
    flops: cost?.flops ?? null,
    nodes: cost?.nodes ?? graph.nodes.length,
    operators: Object.fromEntries([...(cost?.operators ?? countOperators(model))].toSorted(([, a], [, b]) => b - a)),
    unbounded: cost?.unbounded ?? [],
    gradients,
    problems,
    smells: smellsOf(model, path),
  };
}

function countOperators({ graph }: Model): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { op } of graph.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
}
