import { describe, expect, it } from "vitest";
import { createMemoryEvidence } from "../../base/evidence/index.ts";
import type { EvidenceSink } from "../../base/evidence/index.ts";
import { silentLogger } from "../../base/log/index.node.ts";
import { parseReview } from "./index.ts";
import type { AdmissionRequest } from "./index.ts";
import { recorded } from "./record.ts";
import type { Decision } from "./review.ts";

const asked = (more: object = {}): AdmissionRequest =>
  parseReview(
    new TextEncoder().encode(
      JSON.stringify({
        apiVersion: "admission.k8s.io/v1",
        kind: "AdmissionReview",
        request: {
          uid: "u-1",
          kind: { group: "", version: "v1", kind: "Pod" },
          operation: "CREATE",
          namespace: "ml",
          userInfo: { username: "system:serviceaccount:kube-system:replicaset-controller", groups: ["x"] },
          object: { metadata: { generateName: "app-" }, spec: {} },
          ...more,
        },
      }),
    ),
  );
const yes: Decision = { allowed: true, reasons: [], warnings: [], annotations: { decision: "admitted" } };
const no: Decision = { allowed: false, reasons: ["why"], warnings: [], annotations: { decision: "refused", reasons: "why" } };
const verified = new Map([
  ["r/app@sha256:1", { ok: true, signer: "team" } as const],
  ["r/app@sha256:2", { ok: false, reason: "nobody signed it" } as const],
]);
const broken: EvidenceSink = { append: () => Promise.reject(new Error("disk full")) };
const silent: EvidenceSink = { append: () => new Promise(() => undefined) };

const enter = (evidence: EvidenceSink | undefined, mode: "enforce" | "warn" | "audit", decision = yes, request = asked()) =>
  recorded({ evidence, mode, log: silentLogger }, { asked: request, decision, verified, waitMs: 50 });

describe("a decision about a workload", () => {
  it("is entered with who asked, what it was, what it names, and why", async () => {
    const evidence = createMemoryEvidence();
    expect(await enter(evidence, "enforce", no)).toBe(no);
    expect(evidence.entries.map((entry) => entry.evidence)).toMatchObject([
      {
        kind: "admission.decided",
        outcome: "denied",
        action: "create",
        subject: { type: "workload", id: "Pod/ml/app-*", digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
        requestId: "u-1",
        detail: {
          decision: "refused",
          mode: "enforce",
          reasons: "why",
          user: "system:serviceaccount:kube-system:replicaset-controller",
          verified: [
            { reference: "r/app@sha256:1", signer: "team" },
            { reference: "r/app@sha256:2", refused: "nobody signed it" },
          ],
        },
      },
    ]);
  });

  it.for([
    ["fails", broken],
    ["does not answer", silent],
  ] as const)("is a refusal in mode enforce where the log %s, and stands in the other modes", async ([, sink]) => {
    expect(await enter(sink, "enforce")).toMatchObject({ allowed: false, reasons: ["the decision could not be logged"] });
    expect(await enter(sink, "warn")).toBe(yes);
    expect(await enter(sink, "audit")).toBe(yes);
  });

  it("is none for a deletion, an exempt namespace or a dry run, which may leave no trace", async () => {
    const evidence = createMemoryEvidence();
    await enter(evidence, "enforce", yes, asked({ operation: "DELETE", object: null }));
    await enter(evidence, "enforce", { ...yes, annotations: { decision: "exempt" } });
    await enter(evidence, "enforce", yes, asked({ dryRun: true }));
    expect(evidence.entries).toEqual([]);
    expect(await enter(undefined, "enforce")).toBe(yes);
  });
});
