/** Padding. */
import { defineGradient } from "../define.ts";
import type { GradientContext } from "../define.ts";
import { axisOf, range } from "../value.ts";
import type { Value } from "../value.ts";

export const pad = defineGradient("Pad", (context) => {
  const mode = context.attrs.string("mode", "constant");
  return mode === "constant" ? constantGradients(context) : [copiedGradient(context, mode)];
});

/** Padding by the negative amount takes away what was added; the constant gets what lay outside. */
function constantGradients({ g, xs, op, wants }: GradientContext): readonly (Value | undefined)[] {
  const [x, pads, constant, axes] = xs as [Value, Value, Value | undefined, Value | undefined];
  const inputs = [g, op.neg(pads), undefined, axes];
  const dx = op.emit({ op: "Pad", inputs, outputs: [{ type: g.type, dims: x.dims }], attributes: { mode: "constant" } })[0]!;
  const everything = (value: Value): Value => op.sum(value, range(op.rank(value)), false);
  return [dx, undefined, constant && wants(2) ? op.reshapeLike(op.sub(everything(g), everything(dx)), constant) : undefined];
}

/** Reflected, repeated and wrapped borders are copies: padding the positions the same way tells where each one came from. */
function copiedGradient({ g, xs, op, numbers, refuse }: GradientContext, mode: string): Value {
  const [x, pads, , axes] = xs as [Value, Value, Value | undefined, Value | undefined];
  const rank = op.rank(x);
  const along = axes === undefined ? range(rank) : numbers(axes);
  const amounts = numbers(pads);
  if (along === undefined || amounts === undefined) throw refuse("its pads are only known when the model runs");
  let result = g;
  for (const [i, given] of along.entries()) {
    const [before, after] = [amounts[i]!, amounts[i + along.length]!];
    if (before === 0 && after === 0) continue;
    const axis = axisOf(given, rank);
    const size = op.size(x, axis);
    const outputs = [{ type: "int64" as const, dims: [g.dims?.[axis] ?? null] }];
    const source = op.emit({ op: "Pad", inputs: [op.count(size), op.ints([before, after])], outputs, attributes: { mode } })[0]!;
    result = op.addAlong(result, source, axis, size);
  }
  return result;
}
