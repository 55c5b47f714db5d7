import { defineRule } from "../../define.ts";
import { fieldText } from "../../k8s/fields.ts";

export const duplicateKey = defineRule({
  id: "k8s/duplicate-key",
  title: "No key stands twice in one mapping",
  severity: "medium",
  why: "readers differ in which of two equal keys they take: a reviewer sees one value, the cluster runs the other",
  fix: "keep one of the two",
  references: ["cwe:436", "https://yaml.org/spec/1.2.2/#3213-node-comparison"],
  subject: "manifests",
  *check({ file }) {
    for (const { duplicates } of file.documents) {
      for (const { path, offset } of duplicates) {
        yield { message: `${fieldText(path)} is set twice`, where: { field: fieldText(path), line: file.lineAt(offset) } };
      }
    }
  },
  fixtures: {
    bad: [{ name: "twice.yaml", content: "apiVersion: v1\nkind: Pod\nspec:\n  hostPID: false\n  hostPID: true\n" }],
    good: [{ name: "once.yaml", content: "apiVersion: v1\nkind: Pod\nspec:\n  hostPID: false\n" }],
  },
});
