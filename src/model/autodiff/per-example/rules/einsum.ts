/** Einstein sums: each example's gradient is the sum of dY and the other operands that keeps the letter of the examples. */
import type { Ops } from "../../ops/index.ts";
import { parse } from "../../rules/einsum.ts";
import type { Terms } from "../../rules/einsum.ts";
import type { Value } from "../../value.ts";
import type { Outer } from "../contribution.ts";
import { defineUse } from "../define.ts";
import type { UseContext } from "../define.ts";
import { product } from "./linear.ts";

export const einsum = defineUse("Einsum", (context) => {
  const { op, g, xs, input, lane, parameter, rows } = context;
  const { operands, result } = parse(context);
  const own = operands[input]!;
  if (new Set(own).size < own.length || parameter.dims === undefined) return undefined;
  const outer = factors(context, { operands, result });
  if (outer !== undefined) return product(context, outer);
  const others = operands.flatMap((letters, i) => (i === input ? [] : [{ letters, x: xs[i]! }]));
  const elsewhere = new Set([result, ...others.map(({ letters }) => letters)].join(""));
  const present = [...own].filter((letter) => elsewhere.has(letter));
  const equation = `${[result, ...others.map(({ letters }) => letters)].join(",")}->${result[lane]}${present.join("")}`;
  const dims = [g.dims![lane]!, ...present.map((letter) => parameter.dims![own.indexOf(letter)]!)];
  const summed = op.einsum(equation, [g, ...others.map(({ x }) => x)], dims);
  // Letters that only the parameter has were summed over: all elements along them have the same gradient.
  const missing = [...own].flatMap((letter, axis) => (elsewhere.has(letter) ? [] : [axis + 1]));
  return { as: { form: "whole", value: op.expand(op.unsqueeze(summed, missing), [rows, ...op.sizes(parameter)]) } };
});

/** A product of two operands as a sum of outer products, where the parameter's letters lie as groups, one side, other side. */
function factors({ op, g, xs, input, lane }: UseContext, { operands, result }: Terms): Outer | undefined {
  if (operands.length !== 2) return undefined;
  const [own, other] = [operands[input]!, operands[1 - input]!];
  const examples = result[lane]!;
  const both = (letter: string): boolean => other.includes(letter) && result.includes(letter);
  const groups = [...own].filter(both);
  const inner = [...own].filter((letter) => other.includes(letter) && !result.includes(letter));
  const outer = [...own].filter((letter) => result.includes(letter) && !other.includes(letter));
  const places = [...result].filter((letter) => letter !== examples && both(letter) && !own.includes(letter));
  const fits = (term: string, letters: readonly string[]): boolean =>
    term.length === letters.length && letters.every((letter) => term.includes(letter));
  if (!fits(other, [examples, ...groups, ...places, ...inner]) || !fits(result, [examples, ...groups, ...places, ...outer]))
    return undefined;
  const side = (x: Value, term: string, last: readonly string[]): Value =>
    arranged(op, { x, term }, [[examples], groups, places, last]);
  const [a, b] = [side(xs[1 - input]!, other, inner), side(g, result, outer)];
  if (own === [...groups, ...inner, ...outer].join("")) return { form: "outer", left: a, right: b };
  return own === [...groups, ...outer, ...inner].join("") ? { form: "outer", left: b, right: a } : undefined;
}

/** A tensor with its letters in this order, each list of them one axis. */
function arranged(
  op: Ops,
  { x, term }: { readonly x: Value; readonly term: string },
  lists: readonly (readonly string[])[],
): Value {
  const turned = op.transpose(
    x,
    lists.flat().map((letter) => term.indexOf(letter)),
  );
  const sizes = op.sizes(turned);
  let at = 0;
  return op.reshape(
    turned,
    lists.map((letters) => op.product(1, ...sizes.slice(at, (at += letters.length)))),
  );
}
