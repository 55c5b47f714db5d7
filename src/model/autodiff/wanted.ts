/** Which output the loss is taken of, and which tensors' gradients are asked for. */
import { ModelkeepError, nearest, quote } from "../../base/error/index.ts";
import { elementFamily, requiredInputs, usedBy } from "../onnx/index.ts";
import type { ElementType, Graph } from "../onnx/index.ts";
import type {} from "./errors.ts";
import type { Prepared } from "./prepare.ts";
import { loweringFor, ruleFor } from "./registry.ts";

const isFloat = (type: ElementType): boolean => elementFamily(type) === "float";

/** The element type of a value, undefined for what is no tensor or not there. */
function elementTypeOf({ values }: Prepared, name: string): ElementType | undefined {
  const type = values.get(name)?.type;
  return type?.kind === "tensor" ? type.elementType : undefined;
}

const isFloatTensor = (prepared: Prepared, name: string): boolean => {
  const type = elementTypeOf(prepared, name);
  return type !== undefined && isFloat(type);
};

/** The output with this name, or the first float one (the first of a scikit-learn export is an integer label). */
export function chooseOutput(prepared: Prepared, name: string | undefined): string {
  const outputs = prepared.model.graph.outputs.map((info) => info.name);
  const floats = outputs.filter((output) => isFloatTensor(prepared, output));
  if (name === undefined) {
    if (floats[0] !== undefined) return floats[0];
    throw new ModelkeepError("autodiff/bad-loss", {
      message: "no output of the model is a tensor of floats",
      hint: "a loss needs scores; export the model with its probabilities or logits",
      status: 400,
    });
  }
  if (!outputs.includes(name)) throw unknown(name, outputs, "output");
  if (floats.includes(name)) return name;
  throw new ModelkeepError("autodiff/not-differentiable", {
    message: `output ${quote(name)} is not a tensor of floats`,
    hint: `a loss needs scores; float outputs: ${floats.map(quote).join(", ") || "none"}`,
    status: 400,
  });
}

/** The tensors asked for, checked. */
export interface Wanted {
  readonly wanted: readonly string[];
  /** With `all`: left out, and why. */
  readonly skipped: ReadonlyMap<string, string>;
  readonly all: boolean;
}

/** Resolves `wrt`. @throws autodiff/unknown-value · autodiff/not-differentiable */
export function chooseTensors(prepared: Prepared, wrt: readonly string[] | "all" | undefined, output: string): Wanted {
  const { graph } = prepared.model;
  const inputs = requiredInputs(graph)
    .map(({ name }) => name)
    .filter((name) => isFloatTensor(prepared, name));
  if (wrt === undefined) {
    if (inputs.length > 0) return { wanted: inputs, skipped: new Map(), all: false };
    throw new ModelkeepError("autodiff/not-differentiable", {
      message: "no input of the model is a tensor of floats",
      hint: "name the tensors to differentiate by, for instance the embedding's weights",
      status: 400,
    });
  }
  if (wrt !== "all") {
    for (const name of wrt) checkTensor(prepared, name);
    return { wanted: [...new Set(wrt)], skipped: new Map(), all: false };
  }
  const weights = [...graph.initializers].filter(([, tensor]) => isFloat(tensor.type)).map(([name]) => name);
  const blocked = blockedValues(graph, output);
  const candidates = [...inputs, ...weights];
  const skipped = new Map(candidates.flatMap((name) => (blocked.has(name) ? [[name, blocked.get(name)!] as const] : [])));
  return { wanted: candidates.filter((name) => !skipped.has(name)), skipped, all: true };
}

function checkTensor(prepared: Prepared, name: string): void {
  const { graph } = prepared.model;
  if (!prepared.values.has(name))
    throw unknown(
      name,
      [...graph.inputs.map((input) => input.name), ...graph.initializers.keys()],
      "input, initializer or inner value",
    );
  if (isFloatTensor(prepared, name)) return;
  throw new ModelkeepError("autodiff/not-differentiable", {
    message: `${quote(name)} is not a tensor of floats`,
    hint: "only float tensors have gradients; for text models choose the embedding's weights",
    status: 400,
  });
}

function unknown(name: string, candidates: readonly string[], what: string): ModelkeepError {
  const near = nearest(name, candidates);
  return new ModelkeepError("autodiff/unknown-value", {
    message: `the model has no ${what} named ${quote(name)}`,
    hint: near === undefined ? `\`modelkeep inspect\` prints the names` : `did you mean ${quote(near)}?`,
    status: 400,
  });
}

/** Values from which every or some way to the output leads through a node without derivative, with that node's reason. */
function blockedValues(graph: Graph, output: string): ReadonlyMap<string, string> {
  const carrying = new Set([output]);
  const blocked = new Map<string, string>();
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => carrying.has(name))) continue;
    const rule = ruleFor(node);
    if (rule?.kind === "zero") continue;
    const own =
      loweringFor(node) !== undefined || rule?.kind === "gradient"
        ? undefined
        : (rule?.reason ?? "there is no rule for this operator");
    const reason =
      own === undefined
        ? node.outputs.map((name) => blocked.get(name)).find((found) => found !== undefined)
        : `${node.op}: ${own}`;
    for (const name of usedBy(node)) {
      carrying.add(name);
      if (reason !== undefined) blocked.set(name, reason);
    }
  }
  return blocked;
}
