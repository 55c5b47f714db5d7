/** Batch norm as it is trained: by the statistics of the batch, with running ones that follow (Ioffe and Szegedy 2015, arXiv:1502.03167). */
import { makeAttribute } from "../onnx/index.ts";
import type { Graph, Node } from "../onnx/index.ts";

/** A graph in training form. */
export interface TrainingForm {
  readonly graph: Graph;
  /** The value that is the next running statistic, by the name of the stored one. */
  readonly statistics: ReadonlyMap<string, string>;
}

/**
 * Each BatchNormalization whose scale is trained, in training mode. One whose scale or statistics are frozen stays as it serves: a frozen backbone
 * must not drift. Variances are those of the batch, not corrected for its size, as ONNX defines them (PyTorch corrects the running ones).
 */
export function trainingForm(
  graph: Graph,
  isTrained: (name: string) => boolean,
  isFrozen: (name: string) => boolean,
): TrainingForm {
  const statistics = new Map<string, string>();
  const nodes = graph.nodes.map((node): Node => {
    const [, scale, bias, mean, variance] = node.inputs;
    const learns = node.op === "BatchNormalization" && node.domain === "" && isTrained(scale!) && isTrained(bias!);
    if (!learns || !graph.initializers.has(mean!) || !graph.initializers.has(variance!)) return node;
    if (isFrozen(mean!) || isFrozen(variance!)) return node;
    const next = (name: string): string => {
      const value = `next(${name})`;
      if (!statistics.has(name)) statistics.set(name, value);
      return value;
    };
    const attribute = makeAttribute({ op: node.op, domain: "", opset: 18 }, "training_mode", 1);
    return {
      ...node,
      outputs: [node.outputs[0]!, next(mean!), next(variance!)],
      attributes: new Map([...node.attributes, ["training_mode", attribute]]),
    };
  });
  return { graph: { ...graph, nodes }, statistics };
}
