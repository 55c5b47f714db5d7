import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder, tensorOf, toNumbers, writeModel } from "../onnx/index.ts";
import { openResident } from "./open-resident.node.ts";
import type { Resident } from "./resident.ts";

const f32 = (values: readonly number[]) => tensorOf("float32", [values.length], [...values]);

/** next = w + x; the sum of w before. */
function adder(): Uint8Array {
  const b = new GraphBuilder();
  const x = b.input("x", "float32", [3]);
  const w = b.input("w", "float32", [3]);
  b.call({ op: "Add", inputs: [w, x], outputs: ["next"] });
  b.output("next", "float32", [3]);
  b.call({ op: "ReduceSum", inputs: [w], attributes: { keepdims: 0 }, outputs: ["before"] });
  b.output("before", "float32", []);
  return writeModel(b.model());
}

/** y = w · factor, with the weight under another name. */
function reader(factor: number): Uint8Array {
  const b = new GraphBuilder();
  const v = b.input("v", "float32", [3]);
  b.call({ op: "Mul", inputs: [v, b.scalar("float32", factor)], outputs: ["y"] });
  b.output("y", "float32", [3]);
  return writeModel(b.model());
}

describe.each(["worker", "process"] as const)("state that stays where models run, in a %s", (isolation) => {
  let place: Resident;
  beforeAll(async () => {
    place = await openResident({ isolation });
    await place.write({ w: f32([1, 2, 3]), other: f32([7]) });
  });
  afterAll(() => place.close());

  it("is renewed by each run and read by every other model", async () => {
    const step = await place.load(adder(), { updates: { next: "w" } });
    const look = await place.load(reader(10), { feeds: { v: "w" } });
    expect(step.inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(step.outputs.map(({ name }) => name)).toEqual(["before"]);
    expect(toNumbers((await look.run({}))["y"]!)).toEqual([10, 20, 30]);
    const sums: number[] = [];
    for (let i = 0; i < 5; i++) sums.push(...toNumbers((await step.run({ x: f32([1, 1, 1]) }))["before"]!));
    expect(sums).toEqual([6, 9, 12, 15, 18]);
    expect(toNumbers((await look.run({}))["y"]!)).toEqual([60, 70, 80]);
    const { w, other } = await place.read();
    expect([...toNumbers(w!), ...toNumbers(other!)]).toEqual([6, 7, 8, 7]);
    await place.write({ w: f32([0, 0, 0]) });
    expect(toNumbers((await step.run({ x: f32([1, 2, 3]) }))["before"]!)).toEqual([0]);
    expect(toNumbers((await place.read(["w"]))["w"]!)).toEqual([1, 2, 3]);
  });

  it("gives what was read a life of its own", async () => {
    await place.write({ w: f32([1, 2, 3]) });
    const step = await place.load(adder(), { updates: { next: "w" } });
    const { w } = await place.read(["w"]);
    await step.run({ x: f32([5, 5, 5]) });
    await step.run({ x: f32([5, 5, 5]) });
    expect(toNumbers(w!)).toEqual([1, 2, 3]);
  });

  it("refuses names that are no state, and inputs that are", async () => {
    const step = await place.load(adder(), { updates: { next: "w" } });
    await expect(place.read(["v"])).rejects.toMatchObject({ code: "runtime/bad-input" });
    await expect(step.run({ x: f32([1, 1, 1]), w: f32([1, 1, 1]) })).rejects.toMatchObject({ code: "runtime/bad-input" });
    await expect(place.load(adder(), { updates: { next: "nowhere" } })).rejects.toMatchObject({ code: "runtime/bad-input" });
    expect((await step.run({ x: f32([1, 1, 1]) }))["before"]!.dims).toEqual([]);
  });

  it("stays as it was when a run fails", async () => {
    await place.write({ w: f32([1, 2, 3]) });
    const step = await place.load(adder(), { updates: { next: "w" } });
    await expect(step.run({ x: tensorOf("float32", [2], [1, 1]) })).rejects.toMatchObject({ code: "runtime/bad-input" });
    expect(toNumbers((await place.read(["w"]))["w"]!)).toEqual([1, 2, 3]);
  });
});
