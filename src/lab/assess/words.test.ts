import { describe, expect, it } from "vitest";
import { mergeThreats, parseRequirement, parseThreat } from "./index.ts";
import { meets } from "./requirement.ts";

const code = (name: string): Error => expect.objectContaining({ code: name, exit: 4 }) as Error;

describe("a threat on one line", () => {
  it("is a norm with its radii, as numbers, fractions or per cent, sorted, each once", () => {
    expect(parseThreat("linf:0.3,8/255, 0.3,5%")).toEqual({ norm: "linf", epsilons: [8 / 255, 0.05, 0.3] });
    expect(mergeThreats([parseThreat("l2:1"), parseThreat("linf:0.1"), parseThreat("l2:0.5")])).toEqual([
      { norm: "l2", epsilons: [0.5, 1] },
      { norm: "linf", epsilons: [0.1] },
    ]);
  });

  it.for(["linf", "l7:0.1", "linf:", "linf:0", "linf:-1", "linf:x", "linf:1:2", "", "linf:1/0"])("is not `%s`", (text) => {
    expect(() => parseThreat(text)).toThrow(code("assess/bad-threat"));
  });
});

describe("a requirement", () => {
  it("is a comparison of something that is measured", () => {
    expect(parseRequirement(" robust_accuracy@linf:8/255 >= 40% ")).toEqual({
      text: "robust_accuracy@linf:8/255 >= 40%",
      metric: "robust_accuracy",
      at: { norm: "linf", epsilon: 8 / 255 },
      comparison: ">=",
      value: 0.4,
    });
    expect(parseRequirement("clean_accuracy>0.97").comparison).toBe(">");
    expect(parseRequirement("certified_accuracy@l2:0.5 ≥ 0.4").comparison).toBe(">=");
  });

  it.for([
    ["robust_acuracy@linf:0.1 >= 0.6", "did you mean `robust_accuracy`?"],
    ["robust_accuracy >= 0.6", "say at which radius"],
    ["clean_accuracy@linf:0.1 >= 0.6", "has no radius"],
    ["robust_accuracy@l9:0.1 >= 0.6", "is no norm"],
    ["robust_accuracy@linf:zero >= 0.6", "is no radius"],
    ["robust_accuracy@linf:0.1 = 0.6", "compare with"],
    ["robust_accuracy@linf:0.1 >= 60", "is no share"],
    ["robust_accuracy@linf:0.1 >= ", "is no share"],
    ["", "begins with one of"],
  ])("is not `%s`, and the hint says why", ([text, hint]) => {
    expect(() => parseRequirement(text!)).toThrow(
      expect.objectContaining({ code: "assess/bad-requirement", hint: expect.stringContaining(hint!) as string }) as Error,
    );
  });

  it("is met at its very value, whatever the last bit of a quotient says", () => {
    const least = parseRequirement("clean_accuracy >= 0.6");
    expect([meets(least, 600 / 1000), meets(least, 0.1 * 6), meets(least, 0.599)]).toEqual([true, true, false]);
    expect([
      meets(parseRequirement("clean_accuracy > 0.6"), 0.1 * 6),
      meets(parseRequirement("clean_accuracy < 0.6"), 0.59),
    ]).toEqual([false, true]);
  });
});
