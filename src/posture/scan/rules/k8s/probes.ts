import { defineRule } from "../../define.ts";
import { at } from "../../k8s/fields.ts";
import { containersOf, hitAt } from "../../k8s/manifest/hits.ts";

const longRunning = new Set(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"]);
const deployment = (probes: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      containers:\n      - name: a\n${probes}`;

export const probes = defineRule({
  id: "k8s/probes",
  title: "Services have a readiness and a liveness probe",
  severity: "low",
  why: "without probes requests go to a pod that cannot answer, and one that hangs is never replaced",
  fix: "set readinessProbe and livenessProbe",
  references: ["https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/"],
  subject: "manifest",
  *check(manifest) {
    if (!longRunning.has(manifest.kind)) return;
    for (const { name, value, path, list } of containersOf(manifest)) {
      if (list !== "containers") continue;
      const missing = ["readinessProbe", "livenessProbe"].filter((probe) => at(value, probe) === undefined);
      if (missing.length > 0)
        yield hitAt(manifest, path, { message: `container ${name} has no ${missing.join(" and no ")}`, scope: name });
    }
  },
  fixtures: {
    bad: [{ name: "none.yaml", content: deployment("") }],
    good: [
      {
        name: "both.yaml",
        content: deployment("        readinessProbe: {httpGet: {port: 1}}\n        livenessProbe: {httpGet: {port: 1}}\n"),
      },
    ],
  },
});
