import { defineRule } from "../../define.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { exampleRole, grantsOf, mayDo, reaches } from "../../k8s/rbac.ts";

const made = ["pods", "deployments", "daemonsets", "statefulsets", "jobs", "cronjobs", "replicasets"];

export const rbacWorkloads = defineRule({
  id: "k8s/rbac-workloads",
  title: "Few roles make pods",
  severity: "medium",
  why: "who makes a pod chooses its service account and mounts any secret of the namespace",
  fix: "leave it to the deployment pipeline; hold its namespace to the restricted Pod Security Standard",
  references: ["cis:5.1.4", "attack:T1610"],
  subject: "manifest",
  *check(manifest) {
    for (const grant of grantsOf(manifest)) {
      const any = ["", "apps", "batch"].some((group) => reaches(grant, group, made));
      if (!any || grant.names.length > 0 || !mayDo(grant, ["create", "patch", "update"])) continue;
      yield hitAt(manifest, [...grant.path, "resources"], { message: `it makes or changes ${grant.resources.join(", ")}` });
    }
  },
  fixtures: {
    bad: [{ name: "make.yaml", content: exampleRole("{apiGroups: [apps], resources: [deployments], verbs: [create]}", "Role") }],
    good: [
      { name: "see.yaml", content: exampleRole("{apiGroups: [apps], resources: [deployments], verbs: [get, list]}", "Role") },
    ],
  },
});
