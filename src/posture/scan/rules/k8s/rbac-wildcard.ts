import { defineRule } from "../../define.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { exampleRole, grantsOf } from "../../k8s/rbac.ts";

export const rbacWildcard = defineRule({
  id: "k8s/rbac-wildcard",
  title: "Roles name what they allow",
  severity: "high",
  why: "a star allows what nobody thought of, and each resource that is added later",
  fix: "name the API groups, resources and verbs that are needed",
  references: ["cis:5.1.3", "cwe:250", "attack:T1078"],
  subject: "manifest",
  *check(manifest) {
    for (const { path, verbs, groups, resources } of grantsOf(manifest)) {
      const stars = [
        verbs.includes("*") ? "verbs" : undefined,
        resources.some((name) => name === "*") ? "resources" : undefined,
        groups.includes("*") && resources.includes("*") ? "apiGroups" : undefined,
      ].filter((field) => field !== undefined);
      if (stars.length === 0) continue;
      yield hitAt(manifest, [...path, stars[0]!], {
        message: `it allows all ${stars.join(" and all ")}`,
        ...(stars.length === 3 && manifest.kind === "ClusterRole" ? { severity: "critical" } : {}),
      });
    }
  },
  fixtures: {
    bad: [
      { name: "all.yaml", content: exampleRole('{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}') },
      { name: "verbs.yaml", content: exampleRole('{apiGroups: [""], resources: [pods], verbs: ["*"]}', "Role") },
    ],
    good: [{ name: "named.yaml", content: exampleRole('{apiGroups: [""], resources: [pods], verbs: [get]}') }],
  },
});
