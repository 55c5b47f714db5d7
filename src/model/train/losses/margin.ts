import { chosen, defineLoss, perExample, withoutClasses } from "./define.ts";

/** max(0, 1 + largest other logit − the label's): Crammer and Singer 2001, "On the algorithmic implementation of multiclass kernel-based vector machines". */
export const margin = defineLoss({
  id: "margin",
  title: "one class of several, by the lead of its score over the next",
  labels: "classes",
  write({ b, output, dims, labels }) {
    const own = chosen(b, output, labels);
    // The label's own logit is lowered out of reach, so that the maximum is over the others.
    const places = b.op("Unsqueeze", [labels, b.ints([1])]);
    const others = b.op("ScatterElements", [output, places, b.op("Sub", [own, b.scalar("float32", 1e30)])], { axis: 1 });
    const best = b.op("ReduceMax", [others, b.ints([1])], { keepdims: 1 });
    const lead = b.op("Relu", [b.op("Add", [b.op("Sub", [best, own]), b.scalar("float32", 1)])]);
    return perExample(b, withoutClasses(b, lead), dims.length - 1);
  },
});
