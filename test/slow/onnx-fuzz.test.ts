/** A hundred thousand damaged models: typed errors only, bounded time, bounded memory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gradientModel, gradientModels } from "../helpers/gradient-models.ts";
import { storm } from "../helpers/mutate-onnx.ts";

const fixtures = join(import.meta.dirname, "../fixtures");
const files = [
  ...gradientModels.map(gradientModel),
  ...["sk_logreg_digits", "mnist_logreg"].map((name) => new Uint8Array(readFileSync(join(fixtures, `models/${name}.onnx`)))),
].filter((bytes) => bytes.length < 50_000);

describe("a hundred thousand damaged models", () => {
  it("are each accepted or refused by a typed error, in bounded time and memory", () => {
    const before = process.memoryUsage().rss;
    const { fates, slowestMs } = storm(files, 100_000, 10_000);
    expect([...fates.keys()].every((code) => code === "accepted" || code.startsWith("onnx/"))).toBe(true);
    expect(slowestMs).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(512 * 2 ** 20);
    console.log(Object.fromEntries(fates), `slowest ${slowestMs.toFixed(0)} ms`);
  });
});
