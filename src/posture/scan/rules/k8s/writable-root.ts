import { defineRule } from "../../define.ts";
import { at } from "../../k8s/fields.ts";
import { containersOf, hitAt } from "../../k8s/manifest/hits.ts";

const pod = (context: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    securityContext: ${context}\n`;

export const writableRoot = defineRule({
  id: "k8s/writable-root",
  title: "A container's own files are read-only",
  severity: "low",
  why: "whoever breaks in writes tools and changed programs where the next request runs them",
  fix: "set securityContext.readOnlyRootFilesystem to true and mount an emptyDir where files must be written",
  references: ["nsa-cisa:kubernetes-hardening", "attack:T1059", "cwe:732"],
  subject: "manifest",
  *check(manifest) {
    for (const { name, value, path } of containersOf(manifest)) {
      if (at(value, "securityContext", "readOnlyRootFilesystem") === true) continue;
      const field = [...path, "securityContext", "readOnlyRootFilesystem"];
      yield hitAt(manifest, field, { message: `container ${name} may write to its own files`, scope: name });
    }
  },
  fixtures: {
    bad: [{ name: "writable.yaml", content: pod("{}") }],
    good: [{ name: "read-only.yaml", content: pod("{readOnlyRootFilesystem: true}") }],
  },
});
