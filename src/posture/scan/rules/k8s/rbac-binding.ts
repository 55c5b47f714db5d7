import { defineRule } from "../../define.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { bindingOf } from "../../k8s/rbac.ts";

const anybody = new Set(["system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"]);
const binding = (role: string, subject: string) =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role}}\nsubjects:\n- ${subject}\n`;

export const rbacBinding = defineRule({
  id: "k8s/rbac-binding",
  title: "Nobody is bound to cluster-admin, and nothing is bound to everybody",
  severity: "high",
  why: "cluster-admin is root over all; what is bound to system:anonymous is open to the whole network",
  fix: "bind a role that names what is needed to the one account that needs it",
  references: ["cis:5.1.1", "attack:T1078", "cwe:250"],
  subject: "manifest",
  *check(manifest) {
    const bound = bindingOf(manifest);
    for (const { kind, name, path } of bound?.subjects ?? []) {
      if (anybody.has(name)) {
        const severity = name === "system:anonymous" || name === "system:unauthenticated" ? "critical" : "high";
        yield hitAt(manifest, path, { message: `${bound!.role} is bound to ${name}`, severity });
      } else if (bound!.role === "cluster-admin") {
        yield hitAt(manifest, path, { message: `cluster-admin is bound to ${kind} ${name}` });
      } else if (kind === "ServiceAccount" && name === "default") {
        const message = `${bound!.role} is bound to the default service account, which every pod has`;
        yield hitAt(manifest, path, { message, severity: "medium" });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "admin.yaml", content: binding("cluster-admin", "{kind: ServiceAccount, name: ci, namespace: ci}") },
      { name: "anonymous.yaml", content: binding("view", "{kind: User, name: system:anonymous}") },
      { name: "default.yaml", content: binding("view", "{kind: ServiceAccount, name: default, namespace: x}") },
    ],
    good: [{ name: "own.yaml", content: binding("reader", "{kind: ServiceAccount, name: app, namespace: app}") }],
  },
});
