import { defineRule } from "../../define.ts";
import { fieldText } from "../../k8s/fields.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { podField } from "../../k8s/manifest/pod-template.ts";
import { judgePods } from "../../k8s/pss/rule.ts";

export const wrongType = defineRule({
  id: "k8s/wrong-type",
  title: "Security fields have the type that the API server decodes",
  severity: "medium",
  why: "the API server refuses the object, and a reader that is less strict takes the value for something else",
  fix: "write true and false without quotes, numbers without quotes, lists as lists",
  references: ["cwe:843"],
  subject: "manifest",
  *check(manifest, context) {
    for (const { template, verdict } of judgePods(manifest, context)) {
      for (const { path, wanted } of verdict.wrongTypes) {
        yield hitAt(manifest, podField(template, path), { message: `${fieldText(path)} is not ${wanted}` });
      }
    }
  },
  fixtures: {
    bad: [
      {
        name: "quoted.yaml",
        content: 'apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    securityContext: {privileged: "true"}\n',
      },
    ],
    good: [
      {
        name: "plain.yaml",
        content: "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    securityContext: {privileged: false}\n",
      },
    ],
  },
});
