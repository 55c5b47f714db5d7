/** What makes an operator's outputs sound: element types by definition, sizes made sure of, errors that name the node. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { factsOf } from "../facts.ts";
import type { Formal, OperatorFacts } from "../facts.ts";
import { nodeLabel } from "../graph.ts";
import type { Dim, Node } from "../graph.ts";
import { elementCode } from "../tensor.ts";
import type { ElementType } from "../tensor.ts";
import { asTensor } from "./abstract.ts";
import type { Abstract } from "./abstract.ts";

/** The element type of an output that the definition of its operator implies. */
export function impliedType(
  node: Node & { readonly opset: number },
  inputs: readonly (Abstract | undefined)[],
  index: number,
): ElementType | undefined {
  const facts = factsOf(node);
  const formal = facts === undefined ? undefined : formalAt(facts.outputs, index);
  if (facts === undefined || formal === undefined) return undefined;
  if (formal.types.size === 1) return onlyType(formal);
  const input = formal.variable === undefined ? -1 : indexOfVariable(facts, formal.variable, inputs);
  return asTensor(inputs[input])?.elementType;
}

/** A rule met something that no node of its operator has; files from outside must not get further with it than this. */
export const misfit = (node: Node, cause: unknown): ModelkeepError =>
  new ModelkeepError("onnx/bad-graph", {
    message: `node ${quote(nodeLabel(node))} does not fit the definition of its operator`,
    hint: "`checkModel` says what is wrong with it; export the model again",
    status: 400,
    cause,
  });

/** What a rule says of sizes, made sure of: whole, not negative, and unknown where a rank was shorter than it took for granted. */
export function checkedDims(dims: readonly (Dim | undefined)[] | undefined): readonly Dim[] | undefined {
  return dims?.map((dim) => {
    if (typeof dim !== "number") return dim ?? null;
    if (Number.isSafeInteger(dim) && dim >= 0) return dim;
    throw new ModelkeepError("onnx/bad-shape", {
      message: `gives dimension ${dim}`,
      hint: "the graph contradicts itself there; export the model again or fix the node",
      status: 400,
    });
  });
}

const formalAt = (formals: readonly Formal[], index: number): Formal | undefined =>
  formals[index] ?? (formals.at(-1)?.option === "variadic" ? formals.at(-1) : undefined);

function onlyType(formal: Formal): ElementType | undefined {
  const [type = ""] = formal.types;
  return /^\w+$/.test(type) && isElementType(type) ? type : undefined;
}

function isElementType(type: string): type is ElementType {
  try {
    return elementCode(type as ElementType) > 0;
  } catch {
    return false;
  }
}

/** The first given input of a type variable. */
function indexOfVariable(facts: OperatorFacts, variable: string, inputs: readonly (Abstract | undefined)[]): number {
  return inputs.findIndex((input, i) => input !== undefined && formalAt(facts.inputs, i)?.variable === variable);
}
