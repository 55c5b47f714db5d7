/** Writing by index: what was overwritten gets nothing, what was written gets the gradient of its place. */
import { defineGradient } from "../define.ts";
import type { GradientContext } from "../define.ts";
import type { Value } from "../value.ts";

/** How one of the two scatter operators reads and writes. */
interface Places {
  /** Elements of a tensor at the indices. */
  read(from: Value): Value;
  /** A tensor with updates written at the indices. */
  write(into: Value, updates: Value, reduction?: "add" | "mul"): Value;
}

export const scatterElements = defineGradient(["ScatterElements", "Scatter"], (context) => {
  const { xs, op, attrs } = context;
  const indices = xs[1]!;
  const axis = attrs.int("axis", 0);
  return scatterGradients(context, {
    read: (from) => op.gatherElements(from, indices, axis),
    write: (into, updates, reduction) =>
      op.emit({ op: "ScatterElements", inputs: [into, indices, updates], outputs: [into], attributes: { axis, reduction } })[0]!,
  });
});

export const scatterND = defineGradient("ScatterND", (context) => {
  const { xs, op } = context;
  const [, indices, updates] = xs as [Value, Value, Value];
  return scatterGradients(context, {
    read: (from) => op.gatherND(from, indices, 0, updates.dims),
    write: (into, values, reduction) => op.scatterND(into, indices, values, reduction),
  });
});

function scatterGradients({ g, xs, y, op, attrs }: GradientContext, places: Places): readonly (Value | undefined)[] {
  const [x, , updates] = xs as [Value, Value, Value];
  switch (attrs.string("reduction", "none")) {
    case "none":
      return [places.write(g, op.zerosLike(updates)), undefined, places.read(g)];
    case "add":
      return [g, undefined, places.read(g)];
    case "mul": {
      const factors = places.write(op.expandLike(op.scalar(x.type, 1), x), updates, "mul");
      return [op.mul(g, factors), undefined, op.div(places.read(op.mul(g, y)), updates)];
    }
    default: {
      // max and min: equal winners share evenly, as for ReduceMax.
      const kept = op.cast(op.equal(x, y), x.type);
      const won = op.cast(op.equal(updates, places.read(y)), x.type);
      const share = op.div(g, op.max(places.write(kept, won, "add"), 1));
      return [op.mul(share, kept), undefined, op.mul(places.read(share), won)];
    }
  }
}
