import { defineRule } from "../../define.ts";
import { textAt } from "../../k8s/fields.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";

const label = "pod-security.kubernetes.io/enforce";
const namespace = (labels: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: ${labels}}\n`;

export const namespaceStandard = defineRule({
  id: "k8s/namespace-standard",
  title: "Namespaces enforce a Pod Security Standard",
  severity: "medium",
  why: "without the label the API server takes any pod: a manifest that was checked is followed by one that was not",
  fix: `label it ${label}: restricted`,
  references: ["cis:5.2.1", "https://kubernetes.io/docs/concepts/security/pod-security-admission/"],
  subject: "manifest",
  *check(manifest, { options }) {
    if (manifest.kind !== "Namespace") return;
    const level = textAt(manifest.value, "metadata", "labels", label);
    const wanted = options.pss ?? "restricted";
    if (level === "restricted" || (level === "baseline" && wanted === "baseline")) return;
    const message = level === undefined ? "it enforces no Pod Security Standard" : `it enforces ${level}, less than ${wanted}`;
    yield hitAt(manifest, ["metadata", "labels", label], { message, ...(level === "baseline" ? { severity: "low" } : {}) });
  },
  fixtures: {
    bad: [
      { name: "none.yaml", content: namespace("{}") },
      { name: "privileged.yaml", content: namespace(`{${label}: privileged}`) },
    ],
    good: [{ name: "restricted.yaml", content: namespace(`{${label}: restricted}`) }],
  },
});
