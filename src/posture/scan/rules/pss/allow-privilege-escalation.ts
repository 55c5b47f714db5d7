import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { at } from "../../k8s/fields.ts";
import { containerSetters } from "../../k8s/pss/pod-view.ts";
import type { PodView } from "../../k8s/pss/pod-view.ts";

export const allowPrivilegeEscalation = definePodControl({
  id: "pss/allow-privilege-escalation",
  title: "No process gains more rights than its parent",
  level: "restricted",
  severity: "medium",
  why: "a set-user-ID file in the image turns any user into root",
  fix: "set securityContext.allowPrivilegeEscalation to false on each container",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "attack:T1548", "cis:5.2.6"],
  examples: { bad: [examplePod({ own: { allowPrivilegeEscalation: true } })], good: [examplePod()] },
  variants: [
    { since: 8, problems },
    { since: 25, problems: (pod) => (pod.windows ? [] : problems(pod)) },
  ],
});

function problems(pod: PodView): PodProblem[] {
  return containerSetters(pod)
    .filter(({ value }) => at(value, "allowPrivilegeEscalation") !== false)
    .map(({ path, name }) => {
      const field = [...path, "allowPrivilegeEscalation"];
      return { path: field, message: `${name} may gain privileges`, edits: [{ op: "set", path: field, value: false }] };
    });
}
