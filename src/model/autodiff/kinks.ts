/**
 * Comparisons that only choose between two branches which meet where the choice changes: exporters write activations so, such as
 * `Where(x > 20, x, log(1 + exp(x)))`. The function has a kink there, as ReLU has, and no jump; derivatives of the branches are all there is.
 */
import { floatAttr, indexOf, toNumbers } from "../onnx/index.ts";
import type { Node } from "../onnx/index.ts";
import type { Prepared } from "./prepare.ts";

type Scalar = (inputs: readonly number[], node: Node) => number;

const functions: Readonly<Record<string, Scalar>> = {
  Abs: ([x]) => Math.abs(x!),
  Add: ([a, b]) => a! + b!,
  Div: ([a, b]) => a! / b!,
  Elu: ([x], node) => (x! > 0 ? x! : floatAttr(node, "alpha", 1) * Math.expm1(x!)),
  Exp: ([x]) => Math.exp(x!),
  Identity: ([x]) => x!,
  LeakyRelu: ([x], node) => (x! > 0 ? x! : floatAttr(node, "alpha", 0.01) * x!),
  Log: ([x]) => Math.log(x!),
  Max: (values) => Math.max(...values),
  Min: (values) => Math.min(...values),
  Mul: ([a, b]) => a! * b!,
  Neg: ([x]) => -x!,
  Pow: ([a, b]) => a! ** b!,
  Reciprocal: ([x]) => 1 / x!,
  Relu: ([x]) => Math.max(0, x!),
  Sigmoid: ([x]) => 1 / (1 + Math.exp(-x!)),
  Softplus: ([x]) => Math.max(0, x!) + Math.log1p(Math.exp(-Math.abs(x!))),
  Sqrt: ([x]) => Math.sqrt(x!),
  Sub: ([a, b]) => a! - b!,
  Tanh: ([x]) => Math.tanh(x!),
};

const thresholds = new Set(["Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal"]);
const guards = new Set(["IsNaN", "IsInf"]);

/** Whether a comparison breaks no gradient: all it does is to choose, and what it chooses from is the same where it changes its mind. */
export function onlyKinks(node: Node, prepared: Prepared): boolean {
  const guard = guards.has(node.op);
  if (!guard && !thresholds.has(node.op)) return false;
  const index = indexOf(prepared.model.graph);
  const choices: Node[] = [];
  const open = [node.outputs[0]!];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (index.isOutput(name)) return false;
    for (const reader of index.consumers(name)) {
      if (reader.op === "Not" || reader.op === "Identity") open.push(reader.outputs[0]!);
      else if (reader.op === "Where" && reader.inputs[0] === name && !reader.inputs.slice(1).includes(name)) choices.push(reader);
      else return false;
    }
  }
  // What guards against numbers that are none changes nothing where there are none; a single point is passed by.
  if (guard) return true;
  const [moving, threshold] = sides(prepared, node.inputs as [string, string]);
  if (threshold === undefined) return false;
  return node.op === "Equal" || choices.every((choice) => meets(choice, prepared, { moving, threshold }));
}

/** The side that moves, and the number that it is held against. */
function sides(prepared: Prepared, [a, b]: readonly [string, string]): readonly [string, number | undefined] {
  const right = knownNumber(prepared, b);
  return right === undefined ? [b, knownNumber(prepared, a)] : [a, right];
}

/** A stored value all of whose elements are one number. */
function knownNumber({ model, values }: Prepared, name: string): number | undefined {
  const tensor = model.graph.initializers.get(name);
  const elements = tensor === undefined ? values.get(name)?.elements : toNumbers(tensor);
  const [first] = elements ?? [];
  return typeof first === "number" && elements!.every((value) => value === first) ? first : undefined;
}

/** Whether both branches have one value where the moving side is at the threshold; what cannot be computed from it alone does not count. */
function meets(choice: Node, prepared: Prepared, at: { readonly moving: string; readonly threshold: number }): boolean {
  const index = indexOf(prepared.model.graph);
  const valueOf = (name: string, depth: number): number => {
    if (name === at.moving) return at.threshold;
    const known = knownNumber(prepared, name);
    if (known !== undefined) return known;
    const node = index.producer(name);
    const apply = node !== undefined && node.domain === "" && depth < 24 ? functions[node.op] : undefined;
    return apply === undefined
      ? Number.NaN
      : apply(
          node!.inputs.map((input) => valueOf(input, depth + 1)),
          node!,
        );
  };
  const [one, other] = choice.inputs.slice(1).map((name) => valueOf(name, 0)) as [number, number];
  return Math.abs(one - other) <= 1e-5 * Math.max(1, Math.abs(one), Math.abs(other));
}
