import { defineRule } from "../../define.ts";
import { listAt, textAt } from "../../k8s/fields.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { letsEveryoneIn } from "../../k8s/network/reach.ts";

const policy = (spec: string) => `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: ${spec}\n`;

export const networkPolicyOpen = defineRule({
  id: "k8s/network-policy-open",
  title: "A network policy names who may come",
  severity: "low",
  why: "a rule without `from` lets in everyone who reaches the port, which is what there would be without the policy",
  fix: "name pods, namespaces or networks in `from`",
  references: ["cis:5.3.2", "cwe:284"],
  subject: "manifest",
  *check(manifest) {
    if (manifest.kind !== "NetworkPolicy") return;
    for (const [i, rule] of listAt(manifest.value, "spec", "ingress").entries()) {
      if (!letsEveryoneIn(rule)) continue;
      const ports = listAt(rule, "ports").map(
        (port) => textAt(port, "port") ?? String((port as { port?: unknown })?.port ?? "any"),
      );
      const where = ports.length === 0 ? "every port" : `port ${ports.join(", ")}`;
      yield hitAt(manifest, ["spec", "ingress", i], {
        message: `it lets everyone reach ${where}`,
        ...(ports.length === 0 ? { severity: "medium" } : {}),
      });
    }
  },
  fixtures: {
    bad: [{ name: "all.yaml", content: policy("{podSelector: {}, ingress: [{}]}") }],
    good: [{ name: "some.yaml", content: policy("{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}") }],
  },
});
