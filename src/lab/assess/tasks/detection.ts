import type { GraphBuilder } from "../../../model/onnx/index.ts";
import { defineTask } from "./define.ts";
import type { TaskSite } from "./define.ts";
import { asFloat, holdsOrNot, never, overShare, rowSum } from "./nodes.ts";
import { badTruth, unfitOutput } from "./refuse.ts";

const takes = "two outputs before any suppression, boxes [N, K, 4] and scores [N, K, classes] from 0 to 1";

/** How far two boxes must cover each other to be of the same object (Everingham et al. 2010, Pascal VOC). */
const sameObject = 0.5;

/**
 * An object is found while some box covers it, has its class for its best one, and is sure enough. Attacks make objects vanish or take another
 * class: what suppression drops afterwards can only be less. Boxes where nothing is are not looked for.
 */
export const detection = defineTask({
  id: "detection",
  title: "Detection",
  takes,
  outputs: 2,
  references: ["doi:10.48550/arXiv.2004.04320"],
  head(site) {
    const { b, settings } = site;
    const hold = settings.hold ?? 1;
    const confidence = settings.confidence ?? 0.5;
    const { boxes, scores, objects } = shapeOf(site);
    const part = (of: string, from: number, to: number): string => b.op("Slice", [of, b.ints([from]), b.ints([to]), b.ints([2])]);
    const kind = part(site.truth.name, 0, 1);
    const there = b.op("Squeeze", [b.op("GreaterOrEqual", [kind, b.scalar("float32", 0)]), b.ints([2])]);
    const covers = overlap(b, corners(b, boxes, settings.boxes ?? "xyxy"), part(site.truth.name, 1, 5));
    const lead = classLead(b, { scores, kind, covers, confidence });
    // How well each box does for each object: at least 0 for one that finds it.
    const fit = b.op("Min", [lead, b.op("Sub", [covers, b.scalar("float32", sameObject)])]);
    const best = b.op("ReduceMax", [fit, b.ints([2])], { keepdims: 0 });
    const lost = b.op("Where", [there, b.op("Neg", [best]), b.scalar("float32", never)]);
    const counted = rowSum(b, asFloat(b, there));
    const found = b.op("And", [there, b.op("GreaterOrEqual", [best, b.scalar("float32", 0)])]);
    // All boxes that find an object, or nearly, are pushed at once: to lose the best one makes the next the best.
    const pull = b.op("ReduceSum", [b.op("Relu", [b.op("Add", [fit, b.scalar("float32", 0.1)])]), b.ints([2])], { keepdims: 0 });
    const pulls = rowSum(b, b.op("Where", [there, pull, b.scalar("float32", 0)]));
    const share = Number((100 * hold).toFixed(1));
    return {
      scores: holdsOrNot(b, overShare(b, lost, { counted, hold, parts: objects })),
      answers: ["found", "lost"],
      losses: { "cross-entropy": b.op("Neg", [pulls]) },
      figures: [
        {
          id: "mean_objects_found",
          title: "mean share of objects found",
          value: b.op("Div", [rowSum(b, asFloat(b, found)), counted]),
          worse: "smaller",
        },
      ],
      holds: `a picture is right while ${share === 100 ? "all" : `${share} %`} of its objects are found by a box that covers ${sameObject} of the union, with a score of ${confidence} at least and the right class`,
      notes: ["boxes where nothing is are not looked for: only objects that vanish or change their class count"],
    };
  },
});

/** Boxes as two corners. */
function corners(b: GraphBuilder, boxes: string, form: "xyxy" | "cxcywh"): string {
  if (form === "xyxy") return boxes;
  const [centre, size] = b.call({ op: "Split", inputs: [boxes, b.ints([2, 2])], attributes: { axis: 2 }, outputs: 2 }) as [
    string,
    string,
  ];
  const half = b.op("Mul", [size, b.scalar("float32", 0.5)]);
  return b.op("Concat", [b.op("Sub", [centre, half]), b.op("Add", [centre, half])], { axis: 2 });
}

/** Intersection over union of each object with each box: [N, G, K]. */
function overlap(b: GraphBuilder, boxes: string, objects: string): string {
  const [all, own] = [b.op("Unsqueeze", [boxes, b.ints([1])]), b.op("Unsqueeze", [objects, b.ints([2])])];
  const side = (of: string, from: number): string => b.op("Slice", [of, b.ints([from]), b.ints([from + 2]), b.ints([3])]);
  const area = (of: string): string => {
    const size = b.op("Relu", [of]);
    const at = (from: number): string => b.op("Slice", [size, b.ints([from]), b.ints([from + 1]), b.ints([3])]);
    return b.op("Squeeze", [b.op("Mul", [at(0), at(1)]), b.ints([3])]);
  };
  const shared = area(b.op("Sub", [b.op("Min", [side(all, 2), side(own, 2)]), b.op("Max", [side(all, 0), side(own, 0)])]));
  const [one, other] = [all, own].map((of) => area(b.op("Sub", [side(of, 2), side(of, 0)]))) as [string, string];
  const union = b.op("Sub", [b.op("Add", [one, other]), shared]);
  return b.op("Div", [shared, b.op("Max", [union, b.scalar("float32", 1e-9)])]);
}

/** By how much an object's own class is ahead in each box, of the other classes and of the least score that counts: [N, G, K]. */
function classLead(
  b: GraphBuilder,
  given: { readonly scores: string; readonly kind: string; readonly covers: string; readonly confidence: number },
): string {
  const { scores, kind, covers, confidence } = given;
  const label = b.op("Cast", [b.op("Max", [kind, b.scalar("float32", 0)])], { to: 7 });
  const everywhere = b.op("Expand", [label, b.op("Shape", [covers])]);
  const own = b.op("GatherElements", [b.op("Transpose", [scores], { perm: [0, 2, 1] }), everywhere], { axis: 1 });
  const [top, places] = b.call({ op: "TopK", inputs: [scores, b.ints([2])], attributes: { axis: 2 }, outputs: 2 }) as [
    string,
    string,
  ];
  const at = (of: string, from: number): string =>
    b.op("Transpose", [b.op("Slice", [of, b.ints([from]), b.ints([from + 1]), b.ints([2])])], { perm: [0, 2, 1] });
  const other = b.op("Where", [b.op("Equal", [at(places, 0), label]), at(top, 1), at(top, 0)]);
  return b.op("Sub", [own, b.op("Max", [other, b.scalar("float32", confidence)])]);
}

interface Shape {
  readonly boxes: string;
  /** Two classes at least. */
  readonly scores: string;
  readonly objects: number;
}

function shapeOf({ b, outputs, truth }: TaskSite): Shape {
  const [boxes, scores] = outputs;
  const isBoxes = boxes!.dims.length === 3 && boxes!.dims[2] === 4;
  if (!isBoxes) throw unfitOutput({ id: "detection", takes }, boxes!.name, boxes!.dims);
  const classes = scores!.dims[2];
  if (scores!.dims.length !== 3 || typeof classes !== "number" || scores!.dims[1] !== boxes!.dims[1])
    throw unfitOutput({ id: "detection", takes }, scores!.name, scores!.dims);
  const [objects, width] = truth.dims;
  if (truth.dims.length !== 2 || width !== 5) {
    throw badTruth(
      `objects are [${truth.dims.join(", ")}] for each picture`,
      "the truth is [N, objects, 5]: class, x1, y1, x2, y2 in the units of the model's boxes; rows of class -1 fill up",
    );
  }
  for (let at = 0; at < truth.data.length; at += 5) {
    const [kind, x1, y1, x2, y2] = truth.data.subarray(at, at + 5) as unknown as [number, number, number, number, number];
    const place = `object ${(at / 5) % objects!} of picture ${Math.floor(at / 5 / objects!)}`;
    if (!Number.isInteger(kind) || kind < -1 || kind >= classes)
      throw badTruth(
        `${place} has class ${kind}, the model has ${classes}`,
        "classes are whole numbers from 0, -1 where there is no object",
      );
    if (kind >= 0 && !(x2 > x1 && y2 > y1))
      throw badTruth(
        `${place} is the box ${[x1, y1, x2, y2].join(", ")}`,
        "true boxes are two corners, the smaller one first, whatever the model's are",
      );
  }
  for (let at = 0; at < truth.data.length; at += 5 * objects!) {
    const kinds = Array.from({ length: objects! }, (_, i) => truth.data[at + 5 * i]!);
    if (kinds.every((kind) => kind < 0))
      throw badTruth(`picture ${at / 5 / objects!} has no object`, "leave such pictures out: there is nothing to lose in them");
  }
  return { boxes: boxes!.name, scores: classes === 1 ? withAnother(b, scores!.name) : scores!.name, objects: objects! };
}

/** A class beside the only one, whose score is nothing everywhere. */
const withAnother = (b: GraphBuilder, scores: string): string =>
  b.op("Concat", [scores, b.op("Sub", [scores, scores])], { axis: 2 });
