import { describe, expect, it } from "vitest";
import { atLeast, bySeverity, severities, whereText } from "./index.ts";
import type { Finding } from "./index.ts";

const finding = (severity: Finding["severity"], rule: string): Finding => ({
  rule,
  severity,
  message: "m",
  where: {},
  why: "w",
  fix: "f",
});

describe("findings", () => {
  it("are ordered gravest first, equals in the order they came", () => {
    const sorted = [finding("low", "a"), finding("critical", "b"), finding("low", "c"), finding("info", "d")].toSorted(
      bySeverity,
    );
    expect(sorted.map(({ rule }) => rule)).toEqual(["b", "a", "c", "d"]);
  });

  it("reach a threshold at the threshold itself and above", () => {
    expect(severities.filter((severity) => atLeast(severity, "medium"))).toEqual(["medium", "high", "critical"]);
  });

  it("say where they are in one string", () => {
    expect(whereText({ file: "a.yaml", line: 3 })).toBe("a.yaml:3");
    expect(whereText({ node: "conv1", file: "m.onnx" })).toBe("m.onnx node conv1");
    expect(whereText({})).toBe("–");
  });
});
