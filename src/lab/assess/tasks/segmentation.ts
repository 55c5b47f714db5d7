import { contractOf, indexOf, intAttr, tensorOf, withoutFinal } from "../../../model/onnx/index.ts";
import type { GraphBuilder } from "../../../model/onnx/index.ts";
import { defineTask } from "./define.ts";
import type { TaskSite } from "./define.ts";
import { asFloat, column, holdsOrNot, never, overShare, rowSum } from "./nodes.ts";
import { badTruth, unfitOutput } from "./refuse.ts";

const takes = "one output of scores for each pixel, [N, classes, height, width] or [N, height, width, classes]";

/** A picture is right while a share of its pixels is; 0.75 when nobody says how many. */
export const segmentation = defineTask({
  id: "segmentation",
  title: "Segmentation",
  takes,
  outputs: 1,
  references: ["doi:10.48550/arXiv.2207.12391", "doi:10.48550/arXiv.2306.12941"],
  bare(model, { dims }) {
    const [output] = contractOf(model).outputs;
    const isLast = output?.dims[1] === dims.at(-2) && output?.dims[2] === dims.at(-1);
    const last = indexOf(model.graph).producer(output!.name);
    const axis = last === undefined ? 0 : intAttr(last, "axis", -1);
    const overClasses = isLast ? axis === 3 || axis === -1 : axis === 1 || axis === -3;
    return last?.op === "Sigmoid" || overClasses ? withoutFinal(model, { ops: ["Softmax", "LogSoftmax", "Sigmoid"] }) : model;
  },
  head(site) {
    const { b, settings } = site;
    const hold = settings.hold ?? 0.75;
    const shape = shapeOf(site);
    const { classes, pixels } = shape;
    const z = b.op("Reshape", [shape.first, b.ints([0, classes, pixels])]);
    const told = b.op("Reshape", [site.truth.name, b.ints([0, pixels])]);
    const counts = b.op("And", [
      b.op("GreaterOrEqual", [told, b.scalar("float32", 0)]),
      b.op("Less", [told, b.scalar("float32", classes)]),
    ]);
    const label = b.op("Cast", [b.op("Where", [counts, told, b.scalar("float32", 0)])], { to: 7 });
    const own = ownPixels(b, label, classes);
    const picked = b.op("Squeeze", [b.op("GatherElements", [z, column(b, label)], { axis: 1 }), b.ints([1])]);
    const others = b.op("ReduceMax", [b.op("Where", [own, b.scalar("float32", never), z]), b.ints([1])], { keepdims: 0 });
    // By how far another class leads in each pixel.
    const lead = b.op("Sub", [others, picked]);
    const counted = rowSum(b, asFloat(b, counts));
    const only = (value: string, otherwise: number): string => b.op("Where", [counts, value, b.scalar("float32", otherwise)]);
    const mean = (value: string): string => b.op("Div", [rowSum(b, only(value, 0)), counted]);
    const wrong = mean(asFloat(b, b.op("Greater", [lead, b.scalar("float32", 0)])));
    const share = b.op("Sub", [b.scalar("float32", 1), wrong]);
    const most = b.op("Squeeze", [
      b.op("GatherElements", [b.op("LogSoftmax", [z], { axis: 1 }), column(b, label)], { axis: 1 }),
      b.ints([1]),
    ]);
    return {
      scores: holdsOrNot(b, overShare(b, only(lead, never), { counted, hold, parts: pixels })),
      answers: ["holds", "lost"],
      losses: {
        // Over all pixels, and over those alone that are right still (Gu et al. 2022, SegPGD, eq. 5, at its two ends).
        "cross-entropy": b.op("Neg", [mean(most)]),
        margin: mean(b.op("Min", [lead, b.scalar("float32", 0)])),
      },
      figures: [
        { id: "mean_pixel_accuracy", title: "mean share of right pixels", value: share, worse: "smaller" },
        {
          id: "mean_iou",
          title: "mean over pictures of the mean IoU of classes",
          value: meanIou(b, { z, own, counts }, classes),
          worse: "smaller",
        },
      ],
      holds: `a picture is right while ${Number((100 * hold).toFixed(1))} % of its labelled pixels are`,
      notes: shape.unlabelled ? [`pixels with labels outside 0 … ${classes - 1} count as not labelled`] : [],
    };
  },
});

/** Which class is each pixel's own: [N, classes, P]. */
function ownPixels(b: GraphBuilder, label: string, classes: number): string {
  const every = b.constant(
    tensorOf(
      "int64",
      [1, classes, 1],
      Array.from({ length: classes }, (_, k) => k),
    ),
  );
  return b.op("Equal", [column(b, label), every]);
}

/** Intersection over union of each class that is there or was seen, and their mean: [N]. */
function meanIou(
  b: GraphBuilder,
  { z, own, counts }: { readonly z: string; readonly own: string; readonly counts: string },
  classes: number,
): string {
  const answer = b.op("ArgMax", [z], { axis: 1, keepdims: 0 });
  const counted = column(b, counts);
  const [seen, there] = [ownPixels(b, answer, classes), own].map((which) => b.op("And", [which, counted])) as [string, string];
  const sum = (which: string): string => b.op("ReduceSum", [asFloat(b, which), b.ints([2])], { keepdims: 0 });
  const [both, either] = [sum(b.op("And", [seen, there])), sum(b.op("Or", [seen, there]))];
  const present = asFloat(b, b.op("Greater", [either, b.scalar("float32", 0)]));
  const one = b.scalar("float32", 1);
  const each = b.op("Div", [both, b.op("Max", [either, one])]);
  return b.op("Div", [rowSum(b, each), b.op("Max", [rowSum(b, present), one])]);
}

interface Shape {
  readonly classes: number;
  readonly pixels: number;
  /** The scores with the classes first. */
  readonly first: string;
  readonly unlabelled: boolean;
}

function shapeOf({ b, outputs, truth }: TaskSite): Shape {
  const { name, dims } = outputs[0]!;
  const sizes = dims.slice(1);
  const three = sizes.length === 3 && sizes.every((size) => typeof size === "number");
  if (!three) throw unfitOutput({ id: "segmentation", takes }, name, dims);
  const [one, two, last] = sizes as [number, number, number];
  const [high, wide] = truth.dims.slice(-2) as [number, number];
  const isTold = truth.dims.length === 2 || (truth.dims.length === 3 && truth.dims[0] === 1);
  const order = isTold && high === two && wide === last ? "first" : isTold && high === one && wide === two ? "last" : undefined;
  if (order === undefined) {
    throw badTruth(
      `labels are [${truth.dims.join(", ")}] for each picture, and output ${name} gives [${sizes.join(", ")}]`,
      "labels are one class number for each pixel of the output, [N, height, width]; scale them to the output's size, the nearest label for each pixel",
    );
  }
  const classes = order === "first" ? one : last;
  if (classes < 2) throw unfitOutput({ id: "segmentation", takes: `${takes}, two classes at least` }, name, dims);
  const pixels = high * wide;
  const odd = truth.data.find((label) => !Number.isInteger(label));
  if (odd !== undefined) throw badTruth(`label ${odd} of a pixel is no class number`, "labels are whole numbers from 0");
  const isOutside = (label: number): boolean => label < 0 || label >= classes;
  // 255 is how Pascal VOC and Cityscapes write that a pixel has no label; any other number beyond the classes is a mistake.
  const strange = truth.data.find((label) => isOutside(label) && label !== 255 && label !== -1);
  if (strange !== undefined)
    throw badTruth(`label ${strange} is none of the model's ${classes} classes`, "255 or -1 mark pixels without a label");
  for (let at = 0; at < truth.data.length; at += pixels) {
    if (truth.data.subarray(at, at + pixels).every(isOutside))
      throw badTruth(`picture ${at / pixels} has no labelled pixel`, "leave such pictures out");
  }
  const first = order === "first" ? name : b.op("Transpose", [name], { perm: [0, 3, 1, 2] });
  return { classes, pixels, first, unlabelled: truth.data.some(isOutside) };
}
