import { describe, expect, it } from "vitest";
import { assessModel, assessPlanted, labelledDigits } from "../../../test/helpers/assess-digits.ts";
import type { Snapshot } from "./index.ts";
import { fakeDefences } from "../../../test/helpers/fake-defences.ts";
import { brokenAttacks } from "../../../test/helpers/planted/broken-attacks.ts";
import { behind, digitNet, times } from "../../../test/helpers/planted/graft.ts";

const digits = await labelledDigits(24);
const few = { x: digits.x.slice(0, 8 * 784), labels: digits.labels.slice(0, 8) };
const honest = { name: "the digit model as it is", model: digitNet };
const planted = (start: string) => fakeDefences.find(({ name }) => name.startsWith(start))!;

// On a busy machine each opening of a session waits for its turn.
describe("an assessment", { timeout: 600_000 }, () => {
  it("counts the worst case of each example, and calls an honest model robust where it is", async () => {
    const { threats, audit, cleanAccuracy } = await assessPlanted(honest, digits, {
      threat: "linf:0.01,0.3",
      attacks: ["fgsm", "pgd"],
    });
    const [small, large] = threats;
    expect([small!.verdict, large!.verdict]).toEqual(["robust", "broken"]);
    expect(audit.filter(({ status }) => status === "failed")).toEqual([]);
    for (const { robustAccuracy, worstCasePerSample, interval, perAttack, n } of threats) {
      expect(worstCasePerSample.reduce((sum, right) => sum + right, 0) / n).toBeCloseTo(robustAccuracy, 12);
      expect(interval.low <= robustAccuracy && robustAccuracy <= interval.high).toBe(true);
      expect(Math.min(...perAttack.map((row) => row.robustAccuracy))).toBeGreaterThanOrEqual(robustAccuracy);
      expect(robustAccuracy).toBeLessThanOrEqual(cleanAccuracy);
    }
  });

  it.for(["temperature", "a radius of 0.1", "probabilities cut off", "waves on each"])(
    "never calls it robust: %s",
    async (start) => {
      const fake = planted(start);
      const { threats, audit } = await assessPlanted(fake, digits, { threat: "linf:0.1", attacks: ["pgd"], planted: 4 });
      expect(threats[0]!.verdict).not.toBe("robust");
      expect(
        audit.some(({ check, status }) => fake.flaggedBy.includes(check) && (status === "failed" || status === "handled")),
      ).toBe(true);
    },
  );

  it.for([
    ["with a slope", 0.5, digits],
    ["saturated", 300, few],
  ] as const)("attacks probabilities that cannot be cut off by their logarithms, and says so: %s", async ([, sureness, data]) => {
    // Each class's own sigmoid, divided by the sum of all, or by next to nothing where all are nothing.
    const model = behind((b, z) => {
      const each = b.op("Sigmoid", [times(b, z, sureness)]);
      const sum = b.op("ReduceSum", [each, b.ints([1])], { keepdims: 1 });
      return b.op("Div", [each, b.op("Max", [sum, b.scalar("float32", 1e-20)])]);
    });
    const { threats, audit } = await assessModel({ model, name: "one against the rest" }, data, {
      threat: "linf:0.01",
      attacks: ["fgsm", "pgd"],
      planted: 2,
    });
    const failed = audit.filter(({ status }) => status === "failed").map(({ check }) => check);
    const { status, message } = audit.find(({ check }) => check === "probabilities")!;
    if (sureness < 1) {
      expect({ failed, status, message }).toMatchObject({ failed: [], status: "handled" });
      expect(message).toContain("attacks see their logarithms");
      expect(threats[0]!.verdict).toBe("robust");
    } else {
      expect(failed).toContain("probabilities");
      expect(message).toContain("no probability at all");
      expect(threats[0]!.verdict).not.toBe("robust");
    }
  });

  it.for([
    ["the gradient fails after its first step", "vanishing-gradients"],
    ["the scores beside the gradient are those of the first question", "silent-success"],
    ["the gradient's graph does not compute the model", "silent-success"],
  ] as const)("does not believe an attack where %s", async ([name, check]) => {
    const { spoil } = brokenAttacks.find((one) => one.name === name)!;
    const { threats, audit } = await assessModel({ model: digitNet(), name, spoil }, few, {
      threat: "linf:0.02",
      attacks: ["pgd"],
      planted: 4,
    });
    expect(threats[0]!.verdict).not.toBe("robust");
    expect(audit.find((note) => note.check === check)!.status).toBe("failed");
  });

  it("that is stopped reports what was learnt, says that it was stopped, and goes on from there to the same figures", async () => {
    const options = { threat: "linf:0.1", attacks: ["fgsm", "pgd"], planted: 4 };
    const stop = new AbortController();
    let kept: Snapshot | undefined;
    const partial = await assessPlanted(honest, digits, {
      ...options,
      signal: stop.signal,
      onSnapshot: async (snapshot) => {
        kept = structuredClone(snapshot);
        stop.abort();
      },
    });
    expect(partial.stopped).toBe("it was interrupted");
    expect(partial.threats[0]!.verdict).not.toBe("robust");
    expect(kept!.runs[0]!.records.map(({ key }) => key)).toEqual(["fgsm"]);
    const [whole, resumed] = [
      await assessPlanted(honest, digits, options),
      await assessPlanted(honest, digits, { ...options, resume: kept! }),
    ];
    expect(resumed.threats[0]!.worstCasePerSample).toEqual(whole.threats[0]!.worstCasePerSample);
  });

  it("that is stopped in the middle of an attack goes on with that attack, and nothing of the stop is left", async () => {
    const options = { threat: "linf:0.1", attacks: ["pgd"], planted: 4 };
    const stop = new AbortController();
    let kept: Snapshot | undefined;
    await assessPlanted(honest, digits, {
      ...options,
      signal: stop.signal,
      onEvent: ({ kind }) => kind === "progress" && stop.abort(),
      onSnapshot: async (snapshot) => void (kept = structuredClone(snapshot)),
    });
    expect(kept!.runs[0]!.records[0]!.stopped?.reason).toBe("cancelled");
    const resumed = await assessPlanted(honest, digits, { ...options, resume: kept! });
    const whole = await assessPlanted(honest, digits, options);
    expect(resumed.threats[0]!.worstCasePerSample).toEqual(whole.threats[0]!.worstCasePerSample);
    expect(resumed.audit.filter(({ check }) => check === "attacks-run")).toEqual(
      whole.audit.filter(({ check }) => check === "attacks-run"),
    );
  });

  it.for([
    ["labels that are no class", { labels: digits.labels.map((label) => label + 1) }, "none of the model's 10 classes"],
    ["fewer labels than examples", { labels: digits.labels.slice(1) }, "24 examples and 23 labels"],
    ["a value that is no number", { x: digits.x.map((value, i) => (i === 5 ? Number.NaN : value)) }, "value 5 of example 0"],
    ["values outside the bounds", { x: digits.x.map((value) => value * 2) }, "outside the bounds 0 … 1"],
    ["no examples", { x: new Float32Array(), labels: new Int32Array() }, "no examples"],
  ] as const)("refuses %s", async ([, change, message]) => {
    const asked = assessPlanted(honest, { ...digits, ...change }, { threat: "linf:0.1", attacks: ["fgsm"] });
    await expect(asked).rejects.toMatchObject({
      code: "assess/bad-data",
      exit: 4,
      message: expect.stringContaining(message) as string,
    });
  });
});
