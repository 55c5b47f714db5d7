import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { at } from "../../k8s/fields.ts";

const namespaces = ["hostNetwork", "hostPID", "hostIPC"] as const;

export const hostNamespaces = definePodControl({
  id: "pss/host-namespaces",
  title: "The pod shares no namespace with the node",
  level: "baseline",
  severity: "high",
  why: "in the node's network, process or IPC namespace a pod sees, and often controls, what runs beside it",
  fix: "remove hostNetwork, hostPID and hostIPC",
  references: [
    "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    "attack:T1611",
    "cis:5.2.3",
    "cis:5.2.4",
    "cis:5.2.5",
  ],
  examples: {
    bad: [examplePod({ spec: { hostNetwork: true } }), examplePod({ spec: { hostPID: true } })],
    good: [examplePod({ spec: { hostNetwork: false } })],
  },
  variants: [
    {
      since: 0,
      problems: (pod) =>
        namespaces
          .filter((name) => at(pod.value, "spec", name) === true)
          .map((name) => ({
            path: ["spec", name],
            message: `${name} is true`,
            edits: [{ op: "remove", path: ["spec", name] }],
          })),
    },
  ],
});
