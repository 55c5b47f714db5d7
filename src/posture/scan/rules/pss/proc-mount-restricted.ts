import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { procMountProblems } from "../../k8s/pss/proc-mount.ts";

/** Since 1.35 the baseline lets pods in a user namespace unmask /proc; the restricted level goes on to forbid it to all. */
export const procMountRestricted = definePodControl({
  id: "pss/proc-mount-restricted",
  title: "/proc stays masked",
  level: "restricted",
  severity: "high",
  why: "an unmasked /proc shows and changes the kernel's settings",
  fix: "remove securityContext.procMount",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
  examples: {
    bad: [examplePod({ spec: { hostUsers: false }, own: { procMount: "Unmasked" } })],
    good: [examplePod({ own: { procMount: "Default" } })],
  },
  variants: [{ since: 35, replaces: ["pss/proc-mount"], problems: procMountProblems }],
});
