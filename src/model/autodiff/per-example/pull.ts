/**
 * From what a node uses back to the parameters that it is made of. Parameters are transposed, reshaped, cut and scaled before they are used;
 * a contribution follows them back, and keeps its factors apart wherever the elements only move.
 */
import { nodeLabel } from "../../onnx/index.ts";
import type { GradientContext } from "../define.ts";
import type { RuleDefinition } from "../registry.ts";
import { range, sameDims } from "../value.ts";
import type { Dims, Value } from "../value.ts";
import { rowsSymbol } from "../../onnx/index.ts";
import { multipliedOut } from "./contribution.ts";
import type { Contribution, Outer } from "./contribution.ts";

/** A node between parameters and their use. */
export interface Pulled {
  /** Without gradients: those are the contributions'. */
  readonly context: GradientContext;
  readonly rule: Extract<RuleDefinition, { kind: "gradient" }>;
  readonly output: number;
  readonly input: number;
}

/** The contribution to a node's input of one to its output. */
export function pullBack(pulled: Pulled, contribution: Contribution): Contribution {
  const { node, xs, attrs, op } = pulled.context;
  const dims = xs[pulled.input]!.dims;
  const { as, path } = contribution;
  const further = (): Contribution => ({ ...contribution, path: [...path, { node, output: pulled.output }] });
  switch (node.op) {
    case "Identity":
      return contribution;
    case "Split":
      return further();
    case "Reshape":
    case "Flatten":
    case "Squeeze":
    case "Unsqueeze":
      return path.length > 0 ? further() : moved(pulled, contribution, dims);
    case "Transpose": {
      if (path.length > 0) return further();
      const perm = attrs.ints("perm") ?? range(op.rank(xs[0]!)).toReversed();
      const turned = as.form === "outer" ? transposedOuter(as, { from: dims, perm }) : undefined;
      return turned === undefined ? lifted(pulled, contribution) : { as: turned, dims, path };
    }
    default:
      return lifted(pulled, contribution);
  }
}

/** Elements in the same order have another shape. */
function moved({ context: { op } }: Pulled, contribution: Contribution, dims: Dims): Contribution {
  const { as } = contribution;
  if (as.form === "outer" || sameDims(contribution.dims, dims)) return { ...contribution, dims };
  if (as.form === "rows") return { ...contribution, dims };
  const value = multipliedOut(op, { ...contribution, dims });
  return { as: { form: "whole", value }, dims, path: [] };
}

/** Exchanging the two sides of the matrix exchanges the factors. */
function transposedOuter(
  as: Outer,
  { from, perm }: { readonly from: Dims; readonly perm: readonly number[] },
): Outer | undefined {
  if (as.left.dims?.length !== 3 || from === undefined) return undefined;
  const wide = perm.filter((axis) => from[axis] !== 1);
  if (wide.every((axis, i) => i === 0 || wide[i - 1]! < axis)) return as;
  if (wide.length !== 2 || from[wide[0]!] !== as.left.dims.at(-1) || from[wide[1]!] !== as.right.dims?.at(-1)) return undefined;
  return { form: "outer", left: as.right, right: as.left };
}

/**
 * The operator's own rule, over all examples at once: its operands count as if each example had one of its own, in an axis before all others.
 * Only for operators that work element by element does this mean what it says.
 */
function lifted({ context, rule, input }: Pulled, contribution: Contribution): Contribution {
  const { op, xs, y, node } = context;
  const whole = contribution.path.length === 0 && elementwise.has(node.op) && xs.every((x) => x?.dims !== undefined);
  if (!whole)
    throw context.refuse(
      `a parameter goes through it (${nodeLabel(node)}) before it is used, and there is no rule for each example's gradient`,
      "leave that parameter out, or fold the nodes that change it before it is used",
    );
  const g = multipliedOut(op, contribution);
  const rank = op.rank(y) + 1;
  if (node.op === "Transpose") {
    const perm = context.attrs.ints("perm") ?? range(rank - 1).toReversed();
    const inverse: number[] = [];
    perm.forEach((from, to) => (inverse[from] = to + 1));
    return { as: { form: "whole", value: op.transpose(g, [0, ...inverse]) }, dims: xs[0]!.dims, path: [] };
  }
  const stretch = (x: Value): Value => ({
    ...x,
    dims: [rowsSymbol, ...range(rank - 1 - x.dims!.length).map(() => 1), ...x.dims!],
  });
  const part = rule.rule({
    ...context,
    gs: [g],
    g,
    xs: xs.map((x) => x && stretch(x)),
    x: stretch(xs[0]!),
    y: stretch(y),
    wants: (i) => i === input,
  })[input]!;
  const dims = xs[input]!.dims;
  const value = op.reshape(part, [op.size(g, 0), ...op.sizes({ ...xs[input]!, dims })]);
  return { as: { form: "whole", value }, dims, path: [] };
}

const elementwise = new Set(
  `Transpose Add Sub Mul Div Neg Pow Sqrt Exp Log Abs Reciprocal Tanh Sigmoid Relu Softplus Erf Max Min Cast Sum Mean Where Clip Expand`.split(
    " ",
  ),
);
