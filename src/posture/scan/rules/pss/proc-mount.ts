import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { procMountProblems } from "../../k8s/pss/proc-mount.ts";

export const procMount = definePodControl({
  id: "pss/proc-mount",
  title: "/proc stays masked, unless the pod has its own user namespace",
  level: "baseline",
  severity: "high",
  why: "an unmasked /proc shows and changes the kernel's settings",
  fix: "remove securityContext.procMount",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
  examples: {
    bad: [examplePod({ own: { procMount: "Unmasked" } })],
    good: [examplePod({ spec: { hostUsers: false }, own: { procMount: "Unmasked" } })],
  },
  variants: [
    { since: 0, problems: procMountProblems },
    { since: 35, problems: (pod) => (pod.userNamespace ? [] : procMountProblems(pod)) },
  ],
});
