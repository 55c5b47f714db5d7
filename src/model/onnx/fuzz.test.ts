import { describe, expect, it } from "vitest";
import { gradientModel, gradientModels } from "../../../test/helpers/gradient-models.ts";
import { storm } from "../../../test/helpers/mutate-onnx.ts";

const files = gradientModels.map(gradientModel).filter((bytes) => bytes.length < 50_000);

describe("two thousand damaged models", () => {
  // A hundred thousand more stand in test/slow.
  it("are each accepted or refused by a typed error, quickly", { timeout: 180_000 }, () => {
    const { fates, slowestMs } = storm(files, 2000);
    expect([...fates.keys()].every((code) => code === "accepted" || code.startsWith("onnx/"))).toBe(true);
    expect(fates.size).toBeGreaterThan(5);
    expect(slowestMs).toBeLessThan(2000);
  });
});
