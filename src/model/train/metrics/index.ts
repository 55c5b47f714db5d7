import type { Field } from "../../data/index.ts";
import type { Dim } from "../../onnx/index.ts";
import type { LossName } from "../losses/index.ts";
import { losses } from "../losses/index.ts";
import { binaryMeter } from "./binary.ts";
import { classMeter } from "./classes.ts";
import type { ClassFigures } from "./classes.ts";
import type { Meter } from "./define.ts";
import { numberMeter } from "./numbers.ts";

/** What fits a loss, and in which of its figures more, or less, is better. */
export interface Measure {
  readonly meter: Meter & { perClass?(): readonly ClassFigures[] };
  readonly better: { readonly figure: string; readonly more: boolean };
}

/** @param dims of the scores, batch first */
export function measureFor(loss: LossName, dims: readonly Dim[], field: Field): Measure {
  const classes = dims[1];
  if (losses.get(loss).labels === "classes" && dims.length === 2 && typeof classes === "number")
    return { meter: classMeter(classes, field.classes), better: { figure: "accuracy", more: true } };
  if (loss === "binary") return { meter: binaryMeter(), better: { figure: "loss", more: false } };
  if (loss === "mse") return { meter: numberMeter(), better: { figure: "loss", more: false } };
  return { meter: lossMeter(), better: { figure: "loss", more: false } };
}

function lossMeter(): Meter {
  let [n, loss] = [0, 0];
  return {
    see(seen) {
      for (const value of seen.losses) loss += value;
      n += seen.losses.length;
    },
    read: () => ({ loss: loss / n }),
  };
}
