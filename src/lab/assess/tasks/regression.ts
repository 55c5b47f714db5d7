import { tensorOf } from "../../../model/onnx/index.ts";
import type { GraphBuilder } from "../../../model/onnx/index.ts";
import { badTruth, unfitOutput } from "./refuse.ts";
import { holdsOrNot } from "./nodes.ts";
import { defineTask } from "./define.ts";
import type { TaskFigure, TaskHead, TaskSite } from "./define.ts";

/** An answer holds while it is no farther from what is true than a tolerance. */
export const regression = defineTask({
  id: "regression",
  title: "Regression",
  takes: "one output of numbers, a row for each example",
  outputs: 1,
  references: ["doi:10.48550/arXiv.1312.6199"],
  head(site) {
    const { b, truth, settings } = site;
    const width = widthOf(site);
    const distance = settings.distance ?? "max";
    const tolerance = toleranceOf(site, width);
    const flat = b.op("Reshape", [site.outputs[0]!.name, b.ints([0, width])]);
    const known = truth.dims.length === 1 ? truth.name : b.op("Reshape", [truth.name, b.ints([0, width])]);
    const error = b.op("Sub", [flat, known]);
    return distance === "l2" && width > 1 ? byLength(b, error, tolerance[0]!) : byLargest(b, error, { tolerance, width });
  },
});

/**
 * Two scores for each output: how far it is too high and too low, in tolerances. Losses that a classifier has for different kinds of confusion are
 * the two directions here: the loss climbs one side, or whichever is ahead, also where an answer is exact and |error| has no slope.
 */
function byLargest(
  b: GraphBuilder,
  error: string,
  { tolerance, width }: { readonly tolerance: readonly number[]; readonly width: number },
): TaskHead {
  const high = b.op("Div", [error, b.constant(tensorOf("float32", [1, width], tolerance))]);
  const low = b.op("Neg", [high]);
  const both = b.op("Concat", [high, low], { axis: 1 });
  const first = b.op("Slice", [both, b.ints([0]), b.ints([1]), b.ints([1])]);
  const leads = b.op("Sub", [both, b.scalar("float32", 1)]);
  const scores = b.op("Concat", [b.op("Sub", [first, first]), leads], { axis: 1 });
  const largest = (values: string): string => b.op("ReduceMax", [values, b.ints([1])], { keepdims: 0 });
  const side = width === 1 ? [""] : Array.from({ length: width }, (_, k) => ` in output ${k}`);
  const told = tolerance.every((value) => value === tolerance[0]) ? `${tolerance[0]}` : tolerance.join(", ");
  const figure: TaskFigure =
    width === 1
      ? { id: "mean_absolute_error", title: "mean absolute error", value: largest(b.op("Abs", [error])), worse: "larger" }
      : {
          id: "mean_largest_absolute_error",
          title: "mean of the largest absolute error of an answer",
          value: largest(b.op("Abs", [error])),
          worse: "larger",
        };
  return {
    scores,
    answers: ["within", ...side.map((where) => `too high${where}`), ...side.map((where) => `too low${where}`)],
    losses: { "cross-entropy": largest(high), dlr: largest(low) },
    figures: [figure],
    holds:
      width === 1
        ? `an answer is right within ${told} of what is true`
        : `an answer is right while no output is farther than ${told} from what is true`,
    notes: [],
  };
}

/** The length of the error over all outputs. */
function byLength(b: GraphBuilder, error: string, tolerance: number): TaskHead {
  const squares = b.op("ReduceSum", [b.op("Mul", [error, error]), b.ints([1])], { keepdims: 0 });
  // The root of 0 has no slope; what is added is a millionth of the tolerance.
  const length = b.op("Sqrt", [b.op("Add", [squares, b.scalar("float32", (1e-6 * tolerance) ** 2)])]);
  const lead = b.op("Sub", [b.op("Div", [length, b.scalar("float32", tolerance)]), b.scalar("float32", 1)]);
  return {
    scores: holdsOrNot(b, lead),
    answers: ["within", "too far"],
    losses: {},
    figures: [{ id: "mean_l2_error", title: "mean length of the error of an answer", value: length, worse: "larger" }],
    holds: `an answer is right within a length of ${tolerance} of what is true, over all outputs`,
    notes: [],
  };
}

function widthOf({ outputs, truth }: TaskSite): number {
  const { name, dims } = outputs[0]!;
  const sizes = dims.slice(1);
  if (!sizes.every((size) => typeof size === "number"))
    throw unfitOutput({ id: "regression", takes: regression.takes }, name, dims);
  const width = (sizes as number[]).reduce((product, size) => product * size, 1);
  const told = truth.dims.reduce((product, size) => product * size, 1);
  if (told === width) return width;
  throw badTruth(
    `each example has ${told} true ${told === 1 ? "value" : "values"}, the model gives ${width}`,
    "the truth is an array with a row for each example, as wide as the model's answers",
  );
}

function toleranceOf({ settings: { tolerance, distance } }: TaskSite, width: number): readonly number[] {
  const fix =
    "say how far off an answer may be, in the units of the answer: `--tolerance 0.1`, `--tolerance 0.1,5` for each output, `--tolerance l2:0.5`";
  if (tolerance === undefined || tolerance.length === 0) throw badTruth("regression needs a tolerance", fix);
  const wrong = tolerance.find((value) => !(value > 0 && Number.isFinite(value)));
  if (wrong !== undefined) throw badTruth(`a tolerance of ${wrong} is none`, fix);
  const fits = tolerance.length === 1 || (tolerance.length === width && distance !== "l2");
  if (!fits) throw badTruth(`${tolerance.length} tolerances for ${width} ${width === 1 ? "output" : "outputs"}`, fix);
  return tolerance.length === 1 ? Array.from({ length: width }, () => tolerance[0]!) : tolerance;
}
