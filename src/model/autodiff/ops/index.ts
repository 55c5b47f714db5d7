/** The typed builder that rules write with: `op.mul(g, op.sub(1, op.mul(y, y)))`. */
import type { Scope } from "../scope.ts";
import { elementwiseOps } from "./elementwise.ts";
import { gatherOps } from "./gather.ts";
import { linearOps } from "./linear.ts";
import { neuralOps } from "./neural.ts";
import { reduceOps } from "./reduce.ts";
import { shapeOps } from "./shape.ts";

/** Operators that write into a scope; shapes and element types are tracked as far as they are known. */
export type Ops = ReturnType<typeof createOps>;

/** The builder for a scope. */
export function createOps(scope: Scope) {
  const elementwise = elementwiseOps(scope);
  const shapes = shapeOps(scope);
  const base = { ...elementwise, ...shapes };
  return {
    ...base,
    ...reduceOps(scope, base),
    ...linearOps(scope, shapes),
    ...gatherOps(scope, base),
    ...neuralOps(scope),
    emit: scope.emit,
  };
}
