import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { at } from "../../k8s/fields.ts";
import { containerSetters } from "../../k8s/pss/pod-view.ts";

export const privileged = definePodControl({
  id: "pss/privileged",
  title: "No container is privileged",
  level: "baseline",
  severity: "critical",
  why: "a privileged container has every capability and every device: whoever breaks into it has the node",
  fix: "set securityContext.privileged to false; give the one device or capability that is needed",
  references: [
    "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    "attack:T1611",
    "cis:5.2.2",
    "nsa-cisa:kubernetes-hardening",
  ],
  examples: { bad: [examplePod({ own: { privileged: true } })], good: [examplePod({ own: { privileged: false } })] },
  variants: [
    {
      since: 0,
      problems: (pod) =>
        containerSetters(pod)
          .filter(({ value }) => at(value, "privileged") === true)
          .map(({ path, name }) => ({
            path: [...path, "privileged"],
            message: `${name} is privileged`,
            edits: [{ op: "set", path: [...path, "privileged"], value: false }],
          })),
    },
  ],
});
