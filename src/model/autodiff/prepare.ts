/** Brings a model into the form that rules are written for: flat, modern, and with everything known that can be known before it runs. */
import { inferModel, inlineFunctions, lowerMl, raiseOpset, withoutZipMap } from "../onnx/index.ts";
import type { Abstract, Model } from "../onnx/index.ts";
import { unpackSequences } from "./sequences.ts";
import { unrollControl } from "./unroll.ts";

/** A model ready to be differentiated. */
export interface Prepared {
  readonly model: Model;
  /** Types, shapes and small constant contents of its values. */
  readonly values: ReadonlyMap<string, Abstract>;
}

/** The operator set that rules write: reductions take their axes as inputs since 18. */
const oldestOpset = 18;

/** Operators that are gone, or may be, once a model is prepared, and how. */
export const writtenOut: ReadonlyMap<string, string> = new Map([
  ["If", "written out where its condition is known before the model runs; else refused"],
  ["Loop", "written out where its number of rounds is known before the model runs; else refused"],
  ["Scan", "written out where the length it runs over is known; else refused"],
  ["SequenceAt", "read from lists whose members are known; else refused"],
  ["SequenceConstruct", "taken apart into its members"],
  ["SequenceEmpty", "taken apart into its members"],
  ["SequenceErase", "taken apart into its members where the position is known; else refused"],
  ["SequenceInsert", "taken apart into its members where the position is known; else refused"],
  ["SplitToSequence", "read as Split where the lengths are known; else refused"],
  ["ConcatFromSequence", "read as Concat where the list's members are known; else refused"],
  ["Upsample", "read as Resize in asymmetric coordinates"],
]);

/** Functions inlined, dictionaries of scores opened, linear scikit-learn operators written out, loops and branches of known course too; shapes and types inferred. */
export function prepare(model: Model): Prepared {
  let current = lowerMl(raiseOpset(withoutZipMap(inlineFunctions(model)), oldestOpset));
  for (;;) {
    const { values } = inferModel(current);
    const flat = unpackSequences(unrollControl(current, values), values);
    if (flat === current) return { model: current, values };
    current = flat;
  }
}
