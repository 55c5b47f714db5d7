import { defineRule } from "../../define.ts";
import { textAt } from "../../k8s/fields.ts";

export const notAnObject = defineRule({
  id: "k8s/not-an-object",
  title: "Every document of a manifest is an object",
  severity: "medium",
  why: "a document without apiVersion and kind is not judged by anything here, and clients differ in what they do with it",
  fix: "give the document its apiVersion and kind, or keep it in a file of its own",
  references: ["cwe:693"],
  subject: "manifests",
  *check({ file }) {
    for (const { value, root } of file.documents) {
      if (value === null || (textAt(value, "kind") !== undefined && textAt(value, "apiVersion") !== undefined)) continue;
      const line = file.lineAt(root?.start ?? 0);
      yield { message: "a document has no apiVersion or no kind", where: { line } };
    }
  },
  fixtures: {
    bad: [{ name: "half.yaml", content: "apiVersion: v1\nkind: Namespace\n---\nspec:\n  containers: []\n" }],
    good: [{ name: "whole.yaml", content: "apiVersion: v1\nkind: Namespace\n---\n---\napiVersion: v1\nkind: Namespace\n" }],
  },
});
