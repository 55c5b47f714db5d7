import { expect, it } from "vitest";
import { GraphBuilder } from "../onnx/index.ts";
import { differentiability } from "./index.ts";

type Body = (b: GraphBuilder, x: string) => string;

function brokenBy(body: Body): readonly string[] {
  const b = new GraphBuilder();
  b.output(body(b, b.input("x", "float32", ["N", 3])));
  return differentiability(b.model()).facts.map(({ op }) => op);
}

const f = (b: GraphBuilder, value: number): string => b.scalar("float32", value);

it.for([
  [
    "Softplus that is x itself above 20",
    (b, x) => b.op("Where", [b.op("Greater", [x, f(b, 20)]), x, b.op("Log", [b.op("Add", [b.op("Exp", [x]), f(b, 1)])])]),
  ],
  [
    "LeakyReLU, asked the other way round",
    (b, x) => b.op("Where", [b.op("Not", [b.op("Less", [f(b, 0), x])]), b.op("Mul", [x, f(b, 0.1)]), x]),
  ],
  ["a guard against what is no number", (b, x) => b.op("Where", [b.op("IsNaN", [x]), f(b, 0), x])],
  ["a guard against division by zero", (b, x) => b.op("Div", [x, b.op("Where", [b.op("Equal", [x, f(b, 0)]), f(b, 1), x])])],
] as const satisfies readonly (readonly [string, Body])[])("an activation with a kink breaks no gradient: %s", ([, body]) => {
  expect(brokenBy(body)).toEqual([]);
});

it.for([
  ["a jump", "Greater", (b, x) => b.op("Where", [b.op("Greater", [x, f(b, 0.5)]), x, f(b, 0)])],
  ["a threshold that the data sets", "Less", (b, x) => b.op("Where", [b.op("Less", [x, b.op("ReduceMax", [x])]), f(b, 0), x])],
  ["the largest alone", "Equal", (b, x) => b.op("Where", [b.op("Equal", [x, b.op("ReduceMax", [x])]), x, f(b, 0)])],
  [
    "a truth value that is multiplied",
    "Greater",
    (b, x) => b.op("Mul", [x, b.op("Cast", [b.op("Greater", [x, f(b, 0)])], { to: 1 })]),
  ],
  [
    "branches of something else",
    "Greater",
    (b, x) => b.op("Where", [b.op("Greater", [b.op("ReduceSum", [x]), f(b, 0)]), x, f(b, 0)]),
  ],
] as const satisfies readonly (readonly [string, string, Body])[])("what jumps is told: %s", ([, op, body]) => {
  expect(brokenBy(body)).toContain(op);
});
