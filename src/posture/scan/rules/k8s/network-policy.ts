import { defineRule } from "../../define.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { reachOf, reachTable } from "../../k8s/network/reach.ts";

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: a}}\nspec: {containers: []}\n";
const policy = (spec: string) =>
  `---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: ${spec}\n`;

/** Over all files: where no policy is in what was scanned it may lie elsewhere, so that weighs less than a pod that the policies forgot. */
export const networkPolicy = defineRule({
  id: "k8s/network-policy",
  title: "Network policies say who reaches each pod",
  severity: "medium",
  why: "without a policy every pod of the cluster reaches every other: one that is broken into is next to all",
  fix: "add a NetworkPolicy that denies ingress to all pods of the namespace, and one that lets in who must come",
  references: [
    "cis:5.3.2",
    "nsa-cisa:kubernetes-hardening",
    "attack:T1210",
    "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  ],
  subject: "cluster",
  *check(cluster) {
    const reach = reachOf(cluster);
    const some = cluster.members.some(({ manifest }) => manifest.kind === "NetworkPolicy");
    for (const { peer, ingressPolicies, egressPolicies } of reach) {
      const { placed, namespace } = peer;
      const open = [...(ingressPolicies.length === 0 ? ["in"] : []), ...(egressPolicies.length === 0 ? ["out"] : [])];
      if (open.length === 0) continue;
      const hit = hitAt(placed.manifest, [], {
        message: `no network policy of ${namespace} restricts what goes ${open.join(" or ")}`,
        evidence: reachTable(reach).slice(0, 2000),
        severity: some && open.includes("in") ? "medium" : "low",
      });
      yield { ...hit, where: { ...hit.where, file: placed.path } };
    }
  },
  fixtures: {
    bad: [
      { name: "none.yaml", content: pod },
      { name: "other.yaml", content: pod + policy("{podSelector: {matchLabels: {app: b}}, policyTypes: [Ingress, Egress]}") },
    ],
    good: [{ name: "deny.yaml", content: pod + policy("{podSelector: {}, policyTypes: [Ingress, Egress]}") }],
  },
});
