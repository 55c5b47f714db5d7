/** Arithmetic. With broadcasting, each operand gets the sum over all places it was used at. */
import { defineGradient } from "../define.ts";
import type { Ops } from "../ops/index.ts";
import type { Value } from "../value.ts";

export const identity = defineGradient("Identity", ({ g }) => [g]);

export const add = defineGradient("Add", ({ g, xs, op }) => xs.map((x) => op.sumTo(g, x!)));

export const sub = defineGradient("Sub", ({ g, xs: [a, b], op }) => [op.sumTo(g, a!), op.neg(op.sumTo(g, b!))]);

export const mul = defineGradient("Mul", ({ g, xs, op }) => {
  const [a, b] = xs as [Value, Value];
  return [op.sumTo(op.mul(g, b), a), op.sumTo(op.mul(g, a), b)];
});

/** d(a/b) = da/b − (a/b) db/b */
export const div = defineGradient("Div", ({ g, xs, y, op }) => {
  const [a, b] = xs as [Value, Value];
  const scaled = op.div(g, b);
  return [op.sumTo(scaled, a), op.neg(op.sumTo(op.mul(scaled, y), b))];
});

export const neg = defineGradient("Neg", ({ g, op }) => [op.neg(g)]);

export const reciprocal = defineGradient("Reciprocal", ({ g, y, op }) => [op.neg(op.mul(g, op.mul(y, y)))]);

export const sqrt = defineGradient("Sqrt", ({ g, y, op }) => [op.div(op.mul(g, 0.5), y)]);

export const exp = defineGradient("Exp", ({ g, y, op }) => [op.mul(g, y)]);

export const log = defineGradient("Log", ({ g, x, op }) => [op.div(g, x)]);

/** 0 at 0, as in PyTorch. */
export const abs = defineGradient("Abs", ({ g, x, op }) => [op.mul(g, op.sign(x))]);

/** d xᵖ = p xᵖ⁻¹ dx + xᵖ ln x dp. At x = 0 both limits are finite where xᵖ is: 0⁰ has p x⁻¹ = 0, and 0ᵖ ln 0 = 0. */
export const pow = defineGradient("Pow", ({ g, xs, y, op, numbers, wants }) => {
  const [x, p] = xs as [Value, Value];
  const fixed = numbers(p);
  const power = fixed?.length === 1 ? fixed[0]! : undefined;
  const exponent = op.cast(p, x.type);
  return [
    op.sumTo(op.mul(g, power === undefined ? slope(op, x, exponent) : fixedSlope(op, x, power)), x),
    wants(1) ? op.sumTo(op.cast(op.mul(g, op.mul(y, safeLog(op, x))), p.type), p) : undefined,
  ];
});

function fixedSlope(op: Ops, x: Value, power: number): Value {
  if (power === 0) return op.mul(x, 0);
  if (power === 1) return op.expandLike(op.scalar(x.type, 1), x);
  if (power === 2) return op.mul(x, 2);
  if (power === 3) return op.mul(op.mul(x, x), 3);
  return op.mul(op.pow(x, power - 1), power);
}

function slope(op: Ops, x: Value, exponent: Value): Value {
  return op.where(op.equal(exponent, 0), 0, op.mul(exponent, op.pow(x, op.sub(exponent, 1))));
}

/** ln x, and 0 where x is 0: there xᵖ is 0 for every p > 0. */
const safeLog = (op: Ops, x: Value): Value => op.log(op.where(op.equal(x, 0), 1, x));

export const sum = defineGradient("Sum", ({ g, xs, op }) => xs.map((x) => op.sumTo(g, x!)));

export const mean = defineGradient("Mean", ({ g, xs, op }) => xs.map((x) => op.sumTo(op.mul(g, 1 / xs.length), x!)));

/** The gradient goes to the operand that was taken; equal ones share it evenly, as torch.amax does. */
export const extremes = defineGradient(["Max", "Min"], ({ g, xs, y, op }) => {
  const inputs = xs as readonly Value[];
  if (inputs.length === 1) return [g];
  const taken = inputs.map((x) => op.cast(op.equal(x, y), y.type));
  const share = op.div(
    g,
    taken.reduce((a, b) => op.add(a, b)),
  );
  return inputs.map((x, i) => op.sumTo(op.mul(share, taken[i]!), x));
});

/** a − b ⌊a/b⌋, or with `fmod` truncated: constant quotient almost everywhere. */
export const mod = defineGradient("Mod", ({ g, xs, y, op }) => {
  const [a, b] = xs as [Value, Value];
  return [op.sumTo(g, a), op.neg(op.sumTo(op.mul(g, op.div(op.sub(a, y), b)), b))];
});
