import { defineRule } from "../../define.ts";

const broken = { "chart/Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n", "chart/templates/a.yaml": "{{ nothing }}\n" };

export const notRendered = defineRule({
  id: "k8s/not-rendered",
  title: "A chart or kustomization is judged by what it renders to",
  severity: "medium",
  why: "templates say nothing of themselves: what was not rendered has not been looked at",
  fix: "install helm or kustomize, or pipe its output: `helm template . | modelkeep scan -`",
  references: ["cwe:693"],
  subject: "unrendered",
  *check({ program, reason, ours }) {
    const message = `this ${program === "helm" ? "chart" : "kustomization"} was not rendered: ${reason}`;
    yield ours
      ? { message: `${message}; its templates are Modelkeep's own, its values were not judged`, severity: "low" }
      : { message };
  },
  fixtures: {
    bad: [{ name: "chart/values.yaml", content: "a: 1\n", beside: broken }],
    good: [{ name: "plain.yaml", content: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" }],
  },
});
