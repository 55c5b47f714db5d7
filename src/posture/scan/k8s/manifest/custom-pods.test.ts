import { describe, expect, it } from "vitest";
import { scanBytes } from "../../scan-bytes.ts";

const header = (kind: string, group: string): string => `apiVersion: ${group}\nkind: ${kind}\nmetadata: {name: a}\nspec:\n`;
const bad = "image: x, securityContext: {privileged: true}";
const ways: Record<string, readonly [text: string, field: string]> = {
  "an Argo template's container": [
    `${header("Workflow", "argoproj.io/v1alpha1")}  templates: [{name: t, container: {${bad}}}]\n`,
    "spec.templates[0].container",
  ],
  "an Argo script": [
    `${header("CronWorkflow", "argoproj.io/v1alpha1")}  workflowSpec: {templates: [{name: t, script: {${bad}, source: x}}]}\n`,
    "spec.workflowSpec.templates[0].script",
  ],
  "an Argo sidecar": [
    `${header("Workflow", "argoproj.io/v1alpha1")}  templates: [{container: {image: y}, sidecars: [{name: s, ${bad}}]}]\n`,
    "spec.templates[0].sidecars[0]",
  ],
  "a Tekton step": [`${header("Task", "tekton.dev/v1")}  steps: [{name: a, image: y}, {name: b, ${bad}}]\n`, "spec.steps[1]"],
  "a Seldon component": [
    `${header("SeldonDeployment", "machinelearning.seldon.io/v1")}  predictors: [{componentSpecs: [{spec: {containers: [{${bad}}]}}]}]\n`,
    "spec.predictors[0].componentSpecs[0].spec.containers[0]",
  ],
  "a Kubeflow replica": [
    `${header("PyTorchJob", "kubeflow.org/v1")}  pytorchReplicaSpecs: {Master: {template: {spec: {containers: [{${bad}}]}}}}\n`,
    "spec.pytorchReplicaSpecs.Master.template.spec.containers[0]",
  ],
};

describe("pods of custom resources", () => {
  it.for(Object.entries(ways))("are judged, with the place of the field: %s", ([, [text, field]]) => {
    const findings = scanBytes(new TextEncoder().encode(text), "a.yaml").flatMap((target) => target.findings);
    const found = findings.filter(({ rule }) => rule === "pss/privileged");
    expect(found.map(({ where }) => where.field)).toEqual([`${field}.securityContext.privileged`]);
  });
});
