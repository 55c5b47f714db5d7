import { describe, expect, it } from "vitest";
import { createBodyBudget } from "./body-budget.ts";

const refusal = (status: number) => expect.objectContaining({ code: "gateway/too-many-bodies", status }) as Error;

describe("the memory of bodies in flight", () => {
  it("is bounded together, whoever sends them, and free again when they are given back", () => {
    const budget = createBodyBudget({ totalBytes: 1000, largestBytes: 100 });
    const held = ["a", "b", "c", "d"].map((principal) => budget.take(principal, 250));
    expect(() => budget.take("e", 1)).toThrow(refusal(503));
    held[0]!();
    expect(() => budget.take("e", 250)).not.toThrow();
  });

  it("is never all one principal's", () => {
    const budget = createBodyBudget({ totalBytes: 1000, largestBytes: 100 });
    budget.take("greedy", 200);
    expect(() => budget.take("greedy", 51)).toThrow(refusal(429));
    expect(() => budget.take("other", 250)).not.toThrow();
  });

  it("is given back once, however often that is said", () => {
    const budget = createBodyBudget({ totalBytes: 400, largestBytes: 100 });
    const giveBack = budget.take("a", 100);
    budget.take("b", 100);
    giveBack();
    giveBack();
    budget.take("a", 100);
    budget.take("c", 100);
    budget.take("d", 100);
    expect(() => budget.take("e", 1)).toThrow(refusal(503));
  });

  it("always lets one body of the largest size through", () => {
    const budget = createBodyBudget({ totalBytes: 10, largestBytes: 5000 });
    expect(() => budget.take("a", 5000)()).not.toThrow();
  });
});
