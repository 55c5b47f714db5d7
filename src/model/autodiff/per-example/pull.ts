/**
 * From what a node uses back to the parameters that it is made of. Parameters are transposed, reshaped, cut and scaled before they are used;
 * a contribution follows them back, and keeps its factors apart wherever the elements only move.
 */
import { rowsSymbol } from "../../onnx/index.ts";
import { inversePermutation } from "../ops/arrange.ts";
import type { Ops } from "../ops/index.ts";
import { axisOf, range, sameDims } from "../value.ts";
import type { Dims, Value } from "../value.ts";
import { multipliedOut } from "./contribution.ts";
import type { Contribution, Outer, Step } from "./contribution.ts";
import { cutOf, partOf } from "./cuts.ts";
import type { Pulled } from "./cuts.ts";

/** The contribution to a node's input of one to its output. */
export function pullBack(pulled: Pulled, contribution: Contribution): Contribution {
  const { node, xs, attrs, op } = pulled.context;
  const dims = xs[pulled.input]!.dims;
  const { as, path } = contribution;
  const further = (cut?: Step["cut"]): Contribution => {
    const undone = (one: Contribution): Contribution => lifted(pulled, one);
    return { ...contribution, path: [...path, { node, output: pulled.output, ...(cut === undefined ? {} : { cut }), undone }] };
  };
  switch (node.op) {
    case "Identity":
      return contribution;
    case "Split":
    case "Slice": {
      const cut = cutOf(pulled);
      return cut === undefined ? lifted(pulled, contribution) : further(cut);
    }
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
    case "Gather":
      return pickedRows(pulled, contribution) ?? lifted(pulled, contribution);
    default:
      return lifted(pulled, contribution);
  }
}

/** Rows that are the same for all examples, as BERT's table of positions is read. */
function pickedRows({ context, input }: Pulled, contribution: Contribution): Contribution | undefined {
  const { op, xs, attrs } = context;
  const [table, indices] = xs as [Value, Value];
  if (input !== 0 || op.rank(table) < 1 || axisOf(attrs.int("axis", 0), op.rank(table)) !== 0) return undefined;
  const g = multipliedOut(op, wholeOf(op, contribution));
  const rows = op.size(g, 0);
  const places = op.product(1, ...op.sizes(indices));
  const index = op.reshape(op.cast(op.fromFront(indices, op.size(table, 0)), "int64"), [1, places]);
  const width = op.product(1, ...op.sizes(table).slice(1));
  return {
    as: { form: "rows", index: op.expand(index, [rows, places]), g: op.reshape(g, [rows, places, width]) },
    dims: table.dims,
    path: [],
  };
}

/** The contribution to the tensor itself, multiplied out, of one to a part of it. */
export function wholeOf(op: Ops, contribution: Contribution): Contribution {
  const [inner, ...others] = contribution.path;
  if (inner === undefined) return { ...contribution, as: { form: "whole", value: multipliedOut(op, contribution) } };
  return wholeOf(op, { ...inner.undone({ ...contribution, path: [] }), path: others });
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
  const [p, q] = [as.left.dims.at(-1), as.right.dims?.at(-1)];
  if (from.length === 2 && perm[0] === 1 && from[1] === p && from[0] === q)
    return { form: "outer", left: as.right, right: as.left };
  const wide = perm.filter((axis) => from[axis] !== 1);
  if (wide.every((axis, i) => i === 0 || wide[i - 1]! < axis)) return as;
  if (wide.length !== 2 || from[wide[0]!] !== p || from[wide[1]!] !== q) return undefined;
  return { form: "outer", left: as.right, right: as.left };
}

/** Each example's gradient before a node, from the one behind it. */
function lifted(pulled: Pulled, contribution: Contribution): Contribution {
  const { context, input } = pulled;
  const { op, xs, node, attrs } = context;
  const { dims } = xs[input]!;
  const whole = wholeOf(op, contribution);
  const g = multipliedOut(op, whole);
  const as = (value: Value): Contribution => ({ as: { form: "whole", value }, dims, path: [] });
  switch (node.op) {
    case "Transpose": {
      const perm = attrs.ints("perm") ?? range(op.rank(xs[0]!)).toReversed();
      return as(op.transpose(g, [0, ...inversePermutation(perm).map((axis) => axis + 1)]));
    }
    case "Reshape":
    case "Flatten":
    case "Squeeze":
    case "Unsqueeze":
      return as(multipliedOut(op, { ...whole, dims }));
    case "Split":
    case "Slice": {
      const cut = cutOf(pulled);
      if (cut === undefined) throw noRule(pulled);
      const sides = (at: (range: readonly [number, number], size: number) => number): number[] => [
        0,
        ...dims!.map((size, axis) => (cut.has(axis) ? at(cut.get(axis)!, size as number) : 0)),
      ];
      return as(
        op.pad(
          g,
          sides(([from]) => from),
          sides(([, to], size) => size - to),
        ),
      );
    }
    case "Concat":
    case "Pad": {
      const part = partOf(pulled);
      if (part === undefined) throw noRule(pulled);
      return as(
        op.slice(
          g,
          [...part].map(([axis, [start, end]]) => ({ axis: axis + 1, start, end })),
        ),
      );
    }
    default:
      return as(elementwiseBack(pulled, g));
  }
}

/**
 * The operator's own rule, over all examples at once: its operands count as if each example had one of its own, in an axis before all others.
 * Only for operators that work element by element does this mean what it says.
 */
function elementwiseBack(pulled: Pulled, g: Value): Value {
  const { context, rule, input } = pulled;
  const { op, xs, y, node } = context;
  if (!elementwise.has(node.op) || xs.some((x) => x !== undefined && x.dims === undefined)) throw noRule(pulled);
  const rank = op.rank(y);
  const stretch = (x: Value): Value => ({ ...x, dims: [rowsSymbol, ...range(rank - x.dims!.length).map(() => 1), ...x.dims!] });
  const operands = xs.map((x) => x && stretch(x));
  const about = { ...context, gs: [g], g, xs: operands, x: operands[0]!, y: stretch(y), wants: (i: number) => i === input };
  const part = rule.rule(about)[input];
  if (part === undefined) throw noRule(pulled);
  return op.reshape(part, [op.size(g, 0), ...op.sizes(xs[input]!)]);
}

const noRule = ({ context }: Pulled): Error =>
  context.refuse(
    "a parameter goes through it before it is used, and there is no rule for that in each example's gradient",
    "leave that parameter out, or fold the nodes that change it before it is used",
  );

const elementwise = new Set(
  `Add Sub Mul Div Neg Pow Sqrt Exp Log Abs Reciprocal Tanh Sigmoid Relu Softplus Erf Max Min Cast Sum Mean Where Clip`.split(
    " ",
  ),
);
