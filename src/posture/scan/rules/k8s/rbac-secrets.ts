import { defineRule } from "../../define.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { exampleRole, grantsOf, mayDo, reaches } from "../../k8s/rbac.ts";

export const rbacSecrets = defineRule({
  id: "k8s/rbac-secrets",
  title: "Roles read single secrets, not all of them",
  severity: "high",
  why: "who reads all secrets of a namespace has the tokens and passwords of everything in it",
  fix: "name the secrets by resourceNames with the verb get, or mount them",
  references: ["cis:5.1.2", "attack:T1552", "cwe:522"],
  subject: "manifest",
  *check(manifest) {
    for (const grant of grantsOf(manifest)) {
      if (grant.names.length > 0 || !reaches(grant, "", ["secrets"]) || !mayDo(grant, ["get", "list", "watch"])) continue;
      yield hitAt(manifest, [...grant.path, "resources"], {
        message: "it reads every secret that there is",
        ...(manifest.kind === "Role" ? { severity: "medium", message: "it reads every secret of its namespace" } : {}),
      });
    }
  },
  fixtures: {
    bad: [{ name: "all.yaml", content: exampleRole('{apiGroups: [""], resources: [secrets], verbs: [list]}') }],
    good: [
      { name: "one.yaml", content: exampleRole('{apiGroups: [""], resources: [secrets], resourceNames: [mine], verbs: [get]}') },
    ],
  },
});
