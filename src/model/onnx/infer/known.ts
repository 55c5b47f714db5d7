/** A constant as an abstract value. */
import { typeOf } from "../graph.ts";
import { elementCount, elementFamily } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";
import { toNumbers } from "../values.ts";
import { maxElements } from "./abstract.ts";
import type { Abstract } from "./abstract.ts";

/** Type and shape of a constant, and its elements when they are few and plain numbers. */
export function known(tensor: Tensor): Abstract {
  const family = elementFamily(tensor.type);
  const follow =
    family !== "string" && family !== "complex" && tensor.external === undefined && elementCount(tensor.dims) <= maxElements;
  const elements = follow ? toNumbers(tensor).map((value) => (Number.isFinite(value) ? value : null)) : undefined;
  return { type: typeOf(tensor), elements, constant: true };
}
