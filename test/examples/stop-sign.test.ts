/** The stop-sign example, on a few signs: its README has the same figures. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

interface Share {
  readonly mean: number;
  readonly n: number;
}
interface Row {
  readonly model: string;
  readonly signs: string;
  readonly clean: number;
  readonly picture: Share;
  readonly slight: Share;
  readonly printed: Share;
}

const script = join(import.meta.dirname, "../../examples/stop-sign/attack.mjs");
let rows: readonly Row[];
const row = (model: string, signs: string): Row => rows.find((one) => one.model === model && one.signs === signs)!;

beforeAll(() => {
  rows = JSON.parse(execFileSync(process.execPath, [script, "--quick"], { encoding: "utf8" })) as Row[];
}, 600_000);

describe("the sign classifier", () => {
  it("knows stop signs that it has never seen", () => expect(row("signs", "as they are").clean).toBeGreaterThanOrEqual(0.8));

  it("is fooled by noise nobody sees and by a sticker, also in views that they were not made with", () => {
    expect(row("signs", "noise").picture.mean).toBeGreaterThanOrEqual(0.5);
    expect(row("signs", "noise").slight.mean).toBeGreaterThan(row("signs", "as they are").slight.mean + 0.25);
    expect(row("signs", "sticker").printed.mean).toBeGreaterThan(0.5);
  });

  it("is not fooled by a grey sticker in the same place", () =>
    expect(row("signs", "grey sticker").printed.mean).toBeLessThan(row("signs", "sticker").printed.mean / 2));
});

describe("the hardened classifier", () => {
  it("knows the signs as well, and withstands the noise", () => {
    expect(row("hardened", "as they are").clean).toBeGreaterThanOrEqual(0.8);
    expect(row("hardened", "noise").slight.mean).toBeLessThan(0.5 * row("signs", "noise").slight.mean);
  });
});
