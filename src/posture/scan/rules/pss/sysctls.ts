import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { listAt, textAt } from "../../k8s/fields.ts";
import type { PodView } from "../../k8s/pss/pod-view.ts";

/** Namespaced kernel parameters held to be safe, by the minor version that took them in. */
const safe = [
  {
    since: 0,
    names: [
      "kernel.shm_rmid_forced",
      "net.ipv4.ip_local_port_range",
      "net.ipv4.tcp_syncookies",
      "net.ipv4.ping_group_range",
      "net.ipv4.ip_unprivileged_port_start",
    ],
  },
  { since: 27, names: ["net.ipv4.ip_local_reserved_ports"] },
  {
    since: 29,
    names: [
      "net.ipv4.tcp_keepalive_time",
      "net.ipv4.tcp_fin_timeout",
      "net.ipv4.tcp_keepalive_intvl",
      "net.ipv4.tcp_keepalive_probes",
    ],
  },
  { since: 32, names: ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"] },
  { since: 37, names: ["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"] },
];

export const sysctls = definePodControl({
  id: "pss/sysctls",
  title: "Only safe kernel parameters are set",
  level: "baseline",
  severity: "medium",
  why: "a kernel parameter outside the pod's namespaces changes the node for everyone on it",
  fix: "remove the sysctl, or set it on the node",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
  examples: {
    bad: [examplePod({ security: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } })],
    good: [examplePod({ security: { sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }] } })],
  },
  variants: safe.map(({ since }) => {
    const allowed = new Set(safe.filter((group) => group.since <= since).flatMap(({ names }) => names));
    return { since, problems: (pod) => problems(pod, allowed) };
  }),
});

function problems(pod: PodView, allowed: ReadonlySet<string>): PodProblem[] {
  return listAt(pod.value, "spec", "securityContext", "sysctls").flatMap((sysctl, i) => {
    const name = textAt(sysctl, "name") ?? "";
    if (allowed.has(name)) return [];
    const entry = ["spec", "securityContext", "sysctls", i];
    return [{ path: [...entry, "name"], message: `the pod sets the sysctl ${name}`, edits: [{ op: "remove", path: entry }] }];
  });
}
