/** Circular and hyperbolic functions and their inverses. Abramowitz and Stegun, 4.3.105–4.6.22. */
import { defineGradient } from "../define.ts";
import type { Ops } from "../ops/index.ts";
import type { Value } from "../value.ts";

const square = (op: Ops, x: Value): Value => op.mul(x, x);

export const sin = defineGradient("Sin", ({ g, x, op }) => [op.mul(g, op.cos(x))]);

export const cos = defineGradient("Cos", ({ g, x, op }) => [op.neg(op.mul(g, op.sin(x)))]);

export const tan = defineGradient("Tan", ({ g, y, op }) => [op.mul(g, op.add(square(op, y), 1))]);

export const asin = defineGradient("Asin", ({ g, x, op }) => [op.div(g, op.sqrt(op.sub(1, square(op, x))))]);

export const acos = defineGradient("Acos", ({ g, x, op }) => [op.neg(op.div(g, op.sqrt(op.sub(1, square(op, x)))))]);

export const atan = defineGradient("Atan", ({ g, x, op }) => [op.div(g, op.add(square(op, x), 1))]);

export const sinh = defineGradient("Sinh", ({ g, x, op }) => [op.mul(g, op.cosh(x))]);

export const cosh = defineGradient("Cosh", ({ g, x, op }) => [op.mul(g, op.sinh(x))]);

export const asinh = defineGradient("Asinh", ({ g, x, op }) => [op.div(g, op.sqrt(op.add(square(op, x), 1)))]);

export const acosh = defineGradient("Acosh", ({ g, x, op }) => [op.div(g, op.sqrt(op.sub(square(op, x), 1)))]);

export const atanh = defineGradient("Atanh", ({ g, x, op }) => [op.div(g, op.sub(1, square(op, x)))]);
