/** Brings a model into the form that rules are written for: flat, and with everything known that can be known before it runs. */
import { ModelkeepError } from "../../base/error/index.ts";
import { inferModel } from "../onnx/index.ts";
import type { Abstract, Model } from "../onnx/index.ts";
import type {} from "./errors.ts";
import { unrollControl } from "./unroll.ts";

/** A model ready to be differentiated. */
export interface Prepared {
  readonly model: Model;
  /** Types, shapes and small constant contents of its values. */
  readonly values: ReadonlyMap<string, Abstract>;
}

/** The operator set that rules write: reductions take their axes as inputs since 18. */
const oldestOpset = 18;

/** Functions inlined, loops and branches of known course written out, shapes and types inferred. */
export function prepare(model: Model): Prepared {
  const opset = model.opsets.get("") ?? 0;
  if (opset < oldestOpset) {
    throw new ModelkeepError("autodiff/old-opset", {
      message: `the model is written in operator set ${opset}, gradients need ${oldestOpset}`,
      hint: `export it with opset_version=${oldestOpset}`,
      status: 400,
    });
  }
  let current = model;
  for (;;) {
    const { values } = inferModel(current);
    const unrolled = unrollControl(current, values);
    if (unrolled === current) return { model: current, values };
    current = unrolled;
  }
}
