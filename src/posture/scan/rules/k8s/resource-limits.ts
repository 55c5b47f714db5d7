import { defineRule } from "../../define.ts";
import { at } from "../../k8s/fields.ts";
import { containersOf, hitAt } from "../../k8s/manifest/hits.ts";

const pod = (resources: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    resources: ${resources}\n`;

export const resourceLimits = defineRule({
  id: "k8s/resource-limits",
  title: "Containers have a memory limit and requests",
  severity: "low",
  why: "one container without a limit takes the node's memory, and its neighbours are killed for it",
  fix: "set resources.limits.memory and resources.requests",
  references: ["cwe:770", "nsa-cisa:kubernetes-hardening"],
  subject: "manifest",
  *check(manifest) {
    for (const { name, value, path, list } of containersOf(manifest)) {
      if (list === "ephemeralContainers") continue; // they cannot have any
      const missing = [
        ["limits", "memory"],
        ["requests", "memory"],
        ["requests", "cpu"],
      ].filter(
        ([group, resource]) => at(value, "resources", group!, resource!) === undefined && !implied(value, group!, resource!),
      );
      if (missing.length === 0) continue;
      const fields = missing.map((parts) => parts.join(".")).join(", ");
      yield hitAt(manifest, [...path, "resources"], { message: `container ${name} does not set ${fields}`, scope: name });
    }
  },
  fixtures: {
    bad: [{ name: "none.yaml", content: pod("{}") }],
    good: [{ name: "all.yaml", content: pod("{limits: {memory: 1Gi}, requests: {cpu: 100m, memory: 1Gi}}") }],
  },
});

/** A limit without a request is the request. */
function implied(container: unknown, group: string, resource: string): boolean {
  return group === "requests" && at(container, "resources", "limits", resource) !== undefined;
}
