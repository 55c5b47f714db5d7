import { defineRule } from "../../define.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { exampleRole, grantsOf } from "../../k8s/rbac.ts";

const ways = ["escalate", "bind", "impersonate"];

export const rbacEscalation = defineRule({
  id: "k8s/rbac-escalation",
  title: "No role lets its holder take other rights",
  severity: "high",
  why: "escalate and bind hand out rights that the holder does not have; impersonate acts as anybody",
  fix: "leave these verbs to administrators; name single roles by resourceNames where one is needed",
  references: ["cis:5.1.8", "attack:T1098", "cwe:269"],
  subject: "manifest",
  *check(manifest) {
    for (const { path, verbs, names } of grantsOf(manifest)) {
      const found = ways.filter((verb) => verbs.includes(verb));
      if (found.length === 0) continue;
      yield hitAt(manifest, [...path, "verbs"], {
        message: `it allows ${found.join(" and ")}`,
        ...(names.length > 0 ? { severity: "medium" } : {}),
      });
    }
  },
  fixtures: {
    bad: [
      {
        name: "bind.yaml",
        content: exampleRole("{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [bind, escalate]}"),
      },
    ],
    good: [
      {
        name: "read.yaml",
        content: exampleRole("{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [get]}"),
      },
    ],
  },
});
