import { describe, expect, it } from "vitest";
import { countUp } from "../dataset/indexed.ts";
import { rowsByClass } from "../dataset/classes.ts";
import { smallTables } from "./tables.node.ts";

/** Examples, measures, and examples of each class, as scikit-learn documents them. */
const facts = {
  digits: [1797, 64, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]],
  iris: [150, 4, [50, 50, 50]],
  wine: [178, 13, [59, 71, 48]],
  "breast-cancer": [569, 30, [212, 357]],
} as const;

describe.for(smallTables.map(({ name, open }) => [name, open] as const))("%s", ([name, open]) => {
  it("has every example in one of its two parts", async () => {
    const [size, width, counts] = facts[name as keyof typeof facts];
    const [train, test] = [await open("train"), await open("test")];
    expect(train.size + test.size).toBe(size);
    expect(test.size).toBe(Math.floor(size / 5));
    const [a, b] = [rowsByClass(train), rowsByClass(test)];
    const { classes } = train.fields[1]!;
    expect(classes!.map((label) => (a.get(label)?.length ?? 0) + (b.get(label)?.length ?? 0))).toEqual(counts);
    const { tensors } = test.take(countUp(test.size));
    const x = new Float32Array(tensors["x"]!.data.slice().buffer);
    expect(x.length).toBe(test.size * width);
    expect(x.every((value) => value >= 0 && value < 5000)).toBe(true);
    if (name === "digits") expect(Math.max(...x)).toBe(1);
  });
});
