/** The names that a classifier's columns have: exporters of scikit-learn, XGBoost and LightGBM write them beside the trees and weights. */
import { attributeOf } from "./attribute.ts";
import type { Model, Node } from "./graph.ts";

const named = ["classlabels_strings", "classlabels_ints", "classlabels_int64s"] as const;

function labelsOf(node: Node): readonly string[] {
  const [strings, ...ints] = named;
  const texts = attributeOf(node, strings, "strings") ?? [];
  if (texts.length > 0) return texts;
  return ints.flatMap((name) => (attributeOf(node, name, "ints") ?? []).map(String));
}

/**
 * What a classifier calls its classes, in the order of its scores; undefined where it does not say, or says two things. Untrusted text.
 * @example
 * classLabels(model); // ["ham", "spam"], or ["1", "2", "3"]
 */
export function classLabels({ graph }: Model): readonly string[] | undefined {
  const found = graph.nodes
    .filter(({ domain }) => domain === "ai.onnx.ml")
    .map(labelsOf)
    .filter((labels) => labels.length > 0);
  const [first] = found;
  return first !== undefined && found.every((labels) => labels.join("\0") === first.join("\0")) ? first : undefined;
}
