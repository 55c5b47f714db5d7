import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { storm } from "../../../test/helpers/mutate-onnx.ts";

const gradients = join(import.meta.dirname, "../../../test/fixtures/gradients");
const files = readdirSync(gradients)
  .map((name) => new Uint8Array(readFileSync(join(gradients, name, "model.onnx"))))
  .filter((bytes) => bytes.length < 50_000);

describe("two thousand damaged models", () => {
  // A hundred thousand more stand in test/slow.
  it("are each accepted or refused by a typed error, quickly", () => {
    const { fates, slowestMs } = storm(files, 2000);
    expect([...fates.keys()].every((code) => code === "accepted" || code.startsWith("onnx/"))).toBe(true);
    expect(fates.size).toBeGreaterThan(5);
    expect(slowestMs).toBeLessThan(2000);
  });
});
