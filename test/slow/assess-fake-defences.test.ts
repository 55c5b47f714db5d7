import { describe, expect, it } from "vitest";
import { assessModel, assessPlanted, labelledDigits } from "../helpers/assess-digits.ts";
import { fakeDefences } from "../helpers/fake-defences.ts";
import { brokenAttacks } from "../helpers/planted/broken-attacks.ts";
import { digitNet } from "../helpers/planted/graft.ts";
import { honestDigits, honestOthers } from "../helpers/planted/honest.ts";

const digits = await labelledDigits(100);

/** What is left of a model without the defence, for each radius and model asked once. */
const known = new Map<string, Promise<readonly number[]>>();
function left(epsilon: number, model: typeof digitNet, name: string): Promise<readonly number[]> {
  const key = `${name} ${epsilon}`;
  const asked =
    known.get(key) ??
    assessPlanted({ name, model }, digits, { threat: `linf:${epsilon}`, planted: 4 }).then(
      ({ threats }) => threats[0]!.worstCasePerSample,
    );
  known.set(key, asked);
  return asked;
}

describe("a defence that is none", () => {
  it.for(fakeDefences)("is flagged, and broken to within two points: $name", async (fake) => {
    const { scale = 1, epsilon = 0.1 } = fake;
    const { threats, audit } = await assessPlanted(fake, digits, {
      threat: `linf:${epsilon * scale}${scale === 1 ? "" : `,${epsilon}`}`,
      planted: 4,
    });
    expect(threats.map(({ verdict }) => verdict)).not.toContain("robust");
    expect(
      audit.some(({ check, status }) => fake.flaggedBy.includes(check) && (status === "failed" || status === "handled")),
    ).toBe(true);
    if (fake.mute === true) return;
    // Example by example: those that fall without the defence fall with it, but for two of a hundred.
    const beside = await left(epsilon, fake.beside ?? digitNet, fake.beside === undefined ? "alone" : fake.name);
    const kept = threats.at(-1)!.worstCasePerSample.filter((right, example) => right > beside[example]!);
    expect(kept.length).toBeLessThanOrEqual(2);
  });
});

describe("an attack that is broken", () => {
  it.for(brokenAttacks)("shows nothing, and the audit says so: $name", async ({ name, spoil }) => {
    const model = { model: digitNet(), name, spoil };
    const { threats, audit } = await assessModel(model, digits, { threat: "linf:0.02,0.1", planted: 4 });
    expect(threats.map(({ verdict }) => verdict)).not.toContain("robust");
    expect(audit.filter(({ status }) => status === "failed")).not.toEqual([]);
  });
});

describe("a model that hides nothing", () => {
  it.for([...honestDigits, ...honestOthers])("is not flagged: $name", async (honest) => {
    const model = honest.model();
    const { labelOf = (digit: number) => digit, threat = "linf:0.02,0.1", limits = [] } = honest;
    const data = (await honest.data?.(model)) ?? { x: digits.x, labels: digits.labels.map(labelOf) };
    const { audit } = await assessModel({ model, name: honest.name }, data, { threat, planted: 4 });
    expect(audit.filter(({ status, check }) => status === "failed" && !limits.includes(check))).toEqual([]);
  });
});
