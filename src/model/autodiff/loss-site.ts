/** Where a loss is written: behind the output it is taken of, with an input for labels. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { indexOf } from "../onnx/index.ts";
import type {} from "./errors.ts";
import { classAxisOf } from "./loss.ts";
import type { LabelInput, LossSite } from "./loss.ts";
import type { Trace } from "./trace.ts";
import type { Dims, Value } from "./value.ts";

/** What may be said about it. */
export interface LossPlace {
  /** The axis of classes; default the second. */
  readonly classAxis?: number;
  /** Name of the input for labels or targets. */
  readonly labels?: string;
}

/** A site that also tells which input it added. */
export interface OpenLossSite extends LossSite {
  made(): LabelInput | undefined;
}

/** The place for a loss of `output`. @throws autodiff/bad-loss when the name for labels is taken */
export function lossSite(trace: Trace, { classAxis, labels }: LossPlace, output: string): OpenLossSite {
  const { scope, graph } = trace;
  const value = trace.value(output);
  const axis = classAxisOf(value, classAxis);
  const classes = value.dims?.[axis];
  let made: LabelInput | undefined;
  return {
    op: trace.op,
    output: value,
    classAxis: axis,
    made: () => made,
    labels(type: Value["type"], dims: Dims): Value {
      if (labels !== undefined && indexOf(graph).names.has(labels)) throw taken(labels);
      const name = scope.builder.fresh(labels ?? "labels");
      made = { name, type, dims, classes: type === "int64" && typeof classes === "number" ? classes : undefined };
      trace.note(made);
      return made;
    },
  };
}

const taken = (name: string): ModelkeepError =>
  new ModelkeepError("autodiff/bad-loss", {
    message: `the model already has a value named ${quote(name)}`,
    hint: "choose another name for the labels",
    status: 400,
  });
