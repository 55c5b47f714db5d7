/** Einstein sums. The gradient of an operand is the Einstein sum of dY and the other operands with its own letters as the result. */
import { defineGradient } from "../define.ts";
import type { GradientContext } from "../define.ts";
import { range, sameDim } from "../value.ts";
import type { Size, Value } from "../value.ts";

export const einsum = defineGradient("Einsum", (context) => {
  const terms = parse(context);
  return context.xs.map((_, i) => (context.wants(i) ? operandGradient(context, terms, i) : undefined));
});

/** An equation's letters. */
export interface Terms {
  readonly operands: readonly string[];
  readonly result: string;
}

/** The equation with spaces gone, the result spelt out, and ellipses as letters of their own. */
export function parse({ attrs, xs, op }: GradientContext): Terms {
  const [left = "", given] = attrs.string("equation", "").replaceAll(" ", "").split("->");
  const texts = left.split(",");
  const free = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"].filter((letter) => !left.includes(letter));
  const ranks = texts.map((text, i) => (text.includes("...") ? op.rank(xs[i]!) - (text.length - 3) : 0));
  const most = Math.max(0, ...ranks);
  const dots = free.slice(0, most).join("");
  const operands = texts.map((text, i) => text.replace("...", dots.slice(most - ranks[i]!)));
  const letters = [...texts.join("").replaceAll(".", "")];
  const once = letters
    .filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter))
    .sort()
    .join("");
  return { operands, result: given === undefined ? dots + once : given.replace("...", dots) };
}

function operandGradient({ g, xs, op }: GradientContext, { operands, result }: Terms, i: number): Value {
  const own = operands[i]!;
  const x = xs[i]!;
  const others = range(operands.length).filter((j) => j !== i);
  const letters = [...new Set(own)];
  const elsewhere = result + others.map((j) => operands[j]).join("");
  const present = letters.filter((letter) => elsewhere.includes(letter));
  const inputs = [g, ...others.map((j) => xs[j]!)];
  const equation = `${[result, ...others.map((j) => operands[j]!)].join(",")}->${present.join("")}`;
  // Letters that only this operand has were summed over: every element along them gets the same gradient.
  const sizeOf = (letter: string): Size => op.size(x, own.indexOf(letter));
  const dims = present.map((letter) => sizesOf(letter, operands, xs));
  const missing = letters.flatMap((letter, at) => (present.includes(letter) ? [] : [at]));
  let dx = op.unsqueeze(op.einsum(equation, inputs, dims), missing);
  if (missing.length > 0)
    dx = op.expand(
      dx,
      letters.map((letter, at) => (missing.includes(at) ? sizeOf(letter) : op.size(dx, at))),
    );
  dx = op.sumTo(dx, { ...x, dims: letters.map((letter) => x.dims![own.indexOf(letter)]!) });
  return repeats(own) ? onDiagonal(op, dx, { own, letters, sizeOf }) : dx;
}

const repeats = (term: string): boolean => new Set(term).size < term.length;

function sizesOf(letter: string, operands: readonly string[], xs: readonly (Value | undefined)[]) {
  const dims = operands.flatMap((term, i) => (term.includes(letter) ? [xs[i]!.dims?.[term.indexOf(letter)] ?? null] : []));
  const wide = dims.filter((dim) => dim !== 1);
  return wide.length === 0
    ? 1
    : wide.every((dim) => sameDim(dim, wide[0]))
      ? wide[0]!
      : (wide.find((dim) => typeof dim === "number") ?? null);
}

/** Spreads a gradient over the diagonal of the axes that a repeated letter names; zero beside it. */
function onDiagonal(
  op: GradientContext["op"],
  dx: Value,
  { own, letters, sizeOf }: { readonly own: string; readonly letters: readonly string[]; sizeOf(letter: string): Size },
): Value {
  const firsts = [...own].map((letter, at) => own.indexOf(letter) === at);
  const added = firsts.flatMap((first, at) => (first ? [] : [at]));
  let spread = op.unsqueeze(
    op.transpose(
      dx,
      [...own].filter((_, at) => firsts[at]).map((letter) => letters.indexOf(letter)),
    ),
    added,
  );
  for (const at of added) {
    const letter = own[at]!;
    const along = (axis: number): Value =>
      op.unsqueeze(
        op.count(sizeOf(letter)),
        range(own.length).filter((i) => i !== axis),
      );
    spread = op.where(op.equal(along(at), along(own.indexOf(letter))), spread, 0);
  }
  return spread;
}
