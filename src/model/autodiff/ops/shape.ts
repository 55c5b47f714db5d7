/** Everything about shapes in one. */
import type { Scope } from "../scope.ts";
import { arrangeOps } from "./arrange.ts";
import { cutOps } from "./cut.ts";
import { sizeOps } from "./size.ts";

/** The part of the builder that reshapes, cuts and joins. */
export function shapeOps(scope: Scope) {
  const sizes = sizeOps(scope);
  return { ...sizes, ...arrangeOps(scope, sizes), ...cutOps(scope, sizes) };
}
