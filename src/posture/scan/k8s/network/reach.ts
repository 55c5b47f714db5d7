/**
 * Who reaches whom, as NetworkPolicies say: a pod that no policy selects takes everything; one that is selected takes what any of its
 * policies lets in. https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
import type { Cluster, Placed } from "../cluster.ts";
import { at, listAt, textAt } from "../fields.ts";
import type { PodTemplate } from "../manifest/manifest.ts";
import { labelsOf, selects } from "./selectors.ts";

/** Pods of one workload, as the network sees them. */
export interface Peer {
  readonly placed: Placed;
  readonly template: PodTemplate;
  /** `Deployment/web`. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
}

type Direction = "Ingress" | "Egress";

/** Whether a direction of a pod's traffic is restricted, and by which policies. */
export interface Reach {
  readonly peer: Peer;
  readonly ingressPolicies: readonly string[];
  readonly egressPolicies: readonly string[];
  /** Workloads of the scan that reach it; `anyone` when nothing restricts it or a policy lets everyone in. */
  readonly reachedBy: readonly string[] | "anyone";
}

/** The workloads of a cluster; resources that make pods elsewhere (a KServe predictor) are left out. */
export function peersOf({ members }: Cluster): Peer[] {
  return members.flatMap((placed) =>
    placed.manifest.pods
      .filter((template) => template.specPath === undefined)
      .map((template) => ({
        placed,
        template,
        name: `${placed.manifest.kind}/${placed.manifest.name}`,
        namespace: placed.manifest.namespace ?? "default",
        labels: labelsOf(template.value),
      })),
  );
}

/** The reachability of every workload. */
export function reachOf(cluster: Cluster): Reach[] {
  const peers = peersOf(cluster);
  const policies = cluster.members.filter(isPolicy);
  const namespaces = new Map(
    cluster.members
      .filter(({ manifest }) => manifest.kind === "Namespace")
      .map(({ manifest }) => [
        manifest.name,
        new Map([...labelsOf(manifest.value), ["kubernetes.io/metadata.name", manifest.name]]),
      ]),
  );
  const namespaceLabels = (name: string) => namespaces.get(name) ?? new Map([["kubernetes.io/metadata.name", name]]);
  return peers.map((peer) => {
    const ingress = policies.filter((policy) => governs(policy, peer, "Ingress"));
    const egress = policies.filter((policy) => governs(policy, peer, "Egress"));
    const rules = ingress.flatMap((policy) => listAt(policy.manifest.value, "spec", "ingress").map((rule) => ({ policy, rule })));
    const open = ingress.length === 0 || rules.some(({ rule }) => letsEveryoneIn(rule));
    const allowed = peers.filter((from) => rules.some(({ policy, rule }) => letsIn({ policy, rule, from, namespaceLabels })));
    return {
      peer,
      ingressPolicies: ingress.map(({ manifest }) => manifest.name),
      egressPolicies: egress.map(({ manifest }) => manifest.name),
      reachedBy: open ? "anyone" : allowed.map(({ name }) => name),
    };
  });
}

function isPolicy({ manifest }: Placed): boolean {
  return manifest.kind === "NetworkPolicy" && manifest.apiVersion.startsWith("networking.k8s.io/");
}

/** A policy without `policyTypes` governs ingress, and egress where it has rules for it. */
function governs({ manifest }: Placed, peer: Peer, direction: Direction): boolean {
  if ((manifest.namespace ?? "default") !== peer.namespace) return false;
  const types = at(manifest.value, "spec", "policyTypes");
  const named = Array.isArray(types)
    ? types.includes(direction)
    : direction === "Ingress" || at(manifest.value, "spec", "egress") !== undefined;
  return named && selects(at(manifest.value, "spec", "podSelector"), peer.labels);
}

/** A rule without `from`, or one for the whole of IPv4 or IPv6. */
export function letsEveryoneIn(rule: unknown): boolean {
  const from = listAt(rule, "from");
  if (from.length === 0) return true;
  return from.some((peer) => {
    const cidr = textAt(peer, "ipBlock", "cidr");
    return (cidr === "0.0.0.0/0" || cidr === "::/0") && listAt(peer, "ipBlock", "except").length === 0;
  });
}

interface Asked {
  readonly policy: Placed;
  readonly rule: unknown;
  readonly from: Peer;
  readonly namespaceLabels: (name: string) => ReadonlyMap<string, string>;
}

function letsIn({ policy, rule, from, namespaceLabels }: Asked): boolean {
  return listAt(rule, "from").some((peer) => {
    const [pods, namespaces] = [at(peer, "podSelector"), at(peer, "namespaceSelector")];
    if (pods === undefined && namespaces === undefined) return false;
    const inNamespace =
      namespaces === undefined
        ? from.namespace === (policy.manifest.namespace ?? "default")
        : selects(namespaces, namespaceLabels(from.namespace));
    return inNamespace && (pods === undefined || selects(pods, from.labels));
  });
}

/** The table that people read: a line for each workload. */
export function reachTable(reach: readonly Reach[]): string {
  return reach
    .map(({ peer, reachedBy }) => `${peer.name} ← ${reachedBy === "anyone" ? "anyone" : reachedBy.join(", ") || "nobody"}`)
    .join("; ");
}
