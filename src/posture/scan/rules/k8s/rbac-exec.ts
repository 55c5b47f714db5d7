import { defineRule } from "../../define.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { exampleRole, grantsOf, mayDo, reaches } from "../../k8s/rbac.ts";

const doors = [
  "pods/exec",
  "pods/attach",
  "pods/portforward",
  "pods/ephemeralcontainers",
  "nodes/proxy",
  "services/proxy",
  "pods/proxy",
];

export const rbacExec = defineRule({
  id: "k8s/rbac-exec",
  title: "No role opens a shell in pods or a way past the API server",
  severity: "high",
  why: "a shell in a pod has its secrets and its token; nodes/proxy speaks to the kubelet without an audit entry",
  fix: "leave exec, attach, port-forward and proxy to people, for as long as they need it",
  references: ["attack:T1609", "cis:5.1.10", "cwe:250"],
  subject: "manifest",
  *check(manifest) {
    for (const grant of grantsOf(manifest)) {
      const found = doors.filter((door) => grant.resources.includes(door));
      if (found.length === 0 || !reaches(grant, "", found) || !mayDo(grant, ["create", "get", "update", "patch"])) continue;
      yield hitAt(manifest, [...grant.path, "resources"], { message: `it allows ${found.join(", ")}` });
    }
  },
  fixtures: {
    bad: [{ name: "exec.yaml", content: exampleRole('{apiGroups: [""], resources: [pods, pods/exec], verbs: [create]}') }],
    good: [{ name: "logs.yaml", content: exampleRole('{apiGroups: [""], resources: [pods/log], verbs: [get]}') }],
  },
});
