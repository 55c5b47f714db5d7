import { defineRule } from "../../define.ts";
import { at, listAt, textAt } from "../../k8s/fields.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";

const service = (spec: string) => `apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: ${spec}\n`;

export const exposedService = defineRule({
  id: "k8s/exposed-service",
  title: "What is open to the outside says to whom",
  severity: "medium",
  why: "a load balancer without source ranges, a node port or an external IP is open to whoever reaches the nodes",
  fix: "use ClusterIP behind an ingress with TLS, or name loadBalancerSourceRanges",
  references: ["attack:T1133", "attack:T1190", "cve:2020-8554", "nsa-cisa:kubernetes-hardening"],
  subject: "manifest",
  *check(manifest) {
    if (manifest.kind === "Ingress" && manifest.apiVersion.startsWith("networking.k8s.io/")) {
      if (listAt(manifest.value, "spec", "tls").length === 0)
        yield hitAt(manifest, ["spec", "tls"], { message: "it serves without TLS" });
      return;
    }
    if (manifest.kind !== "Service") return;
    const type = textAt(manifest.value, "spec", "type");
    const ranges = listAt(manifest.value, "spec", "loadBalancerSourceRanges");
    if (type === "NodePort") yield hitAt(manifest, ["spec", "type"], { message: "it takes a port of every node" });
    if (type === "LoadBalancer" && !isInternal(manifest.value) && (ranges.length === 0 || ranges.some(isEverywhere))) {
      yield hitAt(manifest, ["spec", "type"], { message: "its load balancer takes connections from anywhere" });
    }
    if (listAt(manifest.value, "spec", "externalIPs").length > 0) {
      yield hitAt(manifest, ["spec", "externalIPs"], { message: "it takes traffic for external addresses" });
    }
  },
  fixtures: {
    bad: [
      { name: "balancer.yaml", content: service("{type: LoadBalancer}") },
      { name: "node.yaml", content: service("{type: NodePort}") },
    ],
    good: [
      { name: "inside.yaml", content: service("{type: ClusterIP}") },
      { name: "ranges.yaml", content: service("{type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]}") },
    ],
  },
});

const isEverywhere = (range: unknown): boolean => range === "0.0.0.0/0" || range === "::/0";

/** Clouds are told by annotation that a load balancer is for the inside only. */
function isInternal(service: unknown): boolean {
  const annotations = at(service, "metadata", "annotations");
  return (
    textAt(annotations, "networking.gke.io/load-balancer-type") === "Internal" ||
    textAt(annotations, "service.beta.kubernetes.io/aws-load-balancer-scheme") === "internal" ||
    String(at(annotations, "service.beta.kubernetes.io/azure-load-balancer-internal")) === "true"
  );
}
