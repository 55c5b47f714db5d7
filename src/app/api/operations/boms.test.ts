import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cycloneDxErrors } from "../../../../test/helpers/cyclonedx.ts";
import { openWorld } from "../../../../test/helpers/gateway.ts";
import type { Evidence } from "../../../base/evidence/index.ts";
import { modelsBom, runOperation } from "../index.ts";
import type { Services } from "../index.ts";

describe("the bills of materials of what is served", () => {
  let world: Awaited<ReturnType<typeof openWorld>>;
  beforeAll(async () => (world = await openWorld()));
  afterAll(() => world.close());
  const ask = (input: object = {}) => runOperation(modelsBom, world as unknown as Services, { input, by: {} });

  it("hold what the log knows of assessments of these bytes: the newest of each set of data, and none of other bytes", async () => {
    const [before] = await ask();
    expect(cycloneDxErrors(before!.bom)).toEqual([]);
    const made = (digest: string, value: number, data = `sha256:${"b".repeat(64)}`): Evidence => ({
      kind: "assessment.made",
      outcome: "done",
      subject: { type: "model", id: "echo.onnx", digest },
      figures: [{ name: "clean_accuracy", value, n: 10 }],
      detail: { data, verdicts: [{ norm: "linf", epsilon: 0.1, verdict: "broken" }] },
    });
    await world.audit.append(made(before!.digest, 0.25));
    await world.audit.append(made(before!.digest, 0.5));
    await world.audit.append(made(`sha256:${"0".repeat(64)}`, 0.75));
    const [after] = await ask({ model: "echo" });
    expect(cycloneDxErrors(after!.bom)).toEqual([]);
    const { modelCard } = (after!.bom as { metadata: { component: { modelCard: Record<string, unknown> } } }).metadata.component;
    expect(modelCard).toMatchObject({
      quantitativeAnalysis: { performanceMetrics: [{ type: "clean_accuracy", value: "0.5" }] },
      considerations: { technicalLimitations: ["linf 0.1: broken"] },
    });
  });

  it("are none for a name that is not served, and an error where nothing serves", async () => {
    expect(await ask({ model: "other" })).toEqual([]);
    await expect(runOperation(modelsBom, {} as Services, { input: {}, by: {} })).rejects.toMatchObject({
      code: "api/not-serving",
    });
  });
});
