import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { at } from "../../k8s/fields.ts";
import { containerSetters, podSetter } from "../../k8s/pss/pod-view.ts";
import type { PodView, SecuritySetter } from "../../k8s/pss/pod-view.ts";

export const runAsNonRoot = definePodControl({
  id: "pss/run-as-non-root",
  title: "The kubelet refuses to start a container as root",
  level: "restricted",
  severity: "medium",
  why: "without runAsNonRoot an image whose user is root runs as root",
  fix: "set securityContext.runAsNonRoot to true on the pod",
  references: [
    "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    "cis:5.2.7",
    "nsa-cisa:kubernetes-hardening",
  ],
  examples: {
    bad: [examplePod({ security: { runAsNonRoot: false } }), examplePod({ security: { runAsNonRoot: null } })],
    good: [examplePod()],
  },
  variants: [
    { since: 0, problems },
    { since: 35, problems: (pod) => (pod.userNamespace ? [] : problems(pod)) },
  ],
});

function problems(pod: PodView): PodProblem[] {
  const whole = podSetter(pod);
  const forPod = at(whole.value, "runAsNonRoot");
  const inherited = containerSetters(pod).filter(({ value }) => at(value, "runAsNonRoot") === undefined);
  const refusing = [whole, ...containerSetters(pod)].filter(({ value }) => at(value, "runAsNonRoot") === false);
  return [
    ...refusing.map((setter) => problem(setter, setter, "allows root")),
    // A pod that says false is named once, above; setting it to true covers the containers that say nothing.
    ...(forPod === undefined ? inherited.map((setter) => problem(setter, whole, "does not rule out root")) : []),
  ];
}

/** The field that is wrong and the one that mends it: a container that says nothing is covered by its pod. */
function problem(wrong: SecuritySetter, mend: SecuritySetter, what: string): PodProblem {
  return {
    path: [...wrong.path, "runAsNonRoot"],
    message: `${wrong.name} ${what}`,
    edits: [{ op: "set", path: [...mend.path, "runAsNonRoot"], value: true }],
  };
}
