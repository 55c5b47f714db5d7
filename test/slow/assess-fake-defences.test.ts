import { beforeAll, describe, expect, it } from "vitest";
import { assessPlanted, labelledDigits } from "../helpers/assess-digits.ts";
import { fakeDefences, honestModels } from "../helpers/fake-defences.ts";

const digits = await labelledDigits(100);

describe("a defence that is none", () => {
  let undefended: readonly number[];
  beforeAll(async () => {
    undefended = (await assessPlanted(honestModels[0]!, digits, { threat: "linf:0.1" })).threats[0]!.worstCasePerSample;
  });

  it.for(fakeDefences)("is flagged, and broken to within two points: $name", async (fake) => {
    const { threats, audit } = await assessPlanted(fake, digits, {
      threat: `linf:${0.1 * (fake.scale ?? 1)}${fake.scale === undefined ? "" : ",0.1"}`,
    });
    expect(threats.map(({ verdict }) => verdict)).not.toContain("robust");
    expect(
      audit.some(({ check, status }) => fake.flaggedBy.includes(check) && (status === "failed" || status === "handled")),
    ).toBe(true);
    // Example by example: those that fall without the defence fall with it, but for two of a hundred.
    const kept = threats.at(-1)!.worstCasePerSample.filter((right, example) => right > undefended[example]!);
    expect(kept.length).toBeLessThanOrEqual(2);
  });
});

describe("a model that hides nothing", () => {
  it.for(honestModels)("is not flagged: $name", async (model) => {
    const { audit } = await assessPlanted(model, digits, { threat: "linf:0.02,0.1" });
    expect(audit.filter(({ status }) => status === "failed")).toEqual([]);
  });
});
