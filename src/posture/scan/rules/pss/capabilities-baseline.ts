import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { forbiddenAdditions } from "../../k8s/pss/capabilities.ts";

/** What container runtimes give anyway. */
const usual = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

export const capabilitiesBaseline = definePodControl({
  id: "pss/capabilities-baseline",
  title: "No capability beyond the usual ones",
  level: "baseline",
  severity: "high",
  why: "capabilities such as SYS_ADMIN or NET_RAW are parts of root: they reach the node or its neighbours' traffic",
  fix: "remove the capability from securityContext.capabilities.add",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "attack:T1611", "cis:5.2.8", "cis:5.2.9"],
  examples: {
    bad: [examplePod({ own: { capabilities: { add: ["SYS_ADMIN"] } } })],
    good: [examplePod({ own: { capabilities: { add: ["CHOWN"] } } })],
  },
  variants: [{ since: 0, problems: (pod) => forbiddenAdditions(pod, usual) }],
});
