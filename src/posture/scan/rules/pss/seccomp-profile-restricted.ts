import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { allSetters, containerSetters, podSetter } from "../../k8s/pss/pod-view.ts";
import type { PodView } from "../../k8s/pss/pod-view.ts";
import { namesSeccomp, runtimeDefault, unconfined } from "../../k8s/pss/seccomp.ts";

export const seccompProfileRestricted = definePodControl({
  id: "pss/seccomp-profile-restricted",
  title: "Every container has a seccomp profile",
  level: "restricted",
  severity: "medium",
  why: "without a profile a process may make every system call, among them those that kernel exploits need",
  fix: "set securityContext.seccompProfile.type to RuntimeDefault on the pod",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "cis:5.7.2"],
  examples: { bad: [examplePod({ security: { seccompProfile: null } })], good: [examplePod()] },
  variants: [
    { since: 19, replaces: ["pss/seccomp-profile-baseline"], problems },
    { since: 25, replaces: ["pss/seccomp-profile-baseline"], problems: (pod) => (pod.windows ? [] : problems(pod)) },
  ],
});

function problems(pod: PodView): PodProblem[] {
  const whole = podSetter(pod);
  const silent = containerSetters(pod).filter((setter) => !namesSeccomp(setter));
  return [
    ...unconfined(allSetters(pod)),
    // A pod that names a bad profile is told so once, above; mending it covers the containers that say nothing.
    ...(namesSeccomp(whole) ? [] : silent).map(({ path, name }) => ({
      path: [...path, "seccompProfile", "type"],
      message: `${name} has no seccomp profile`,
      edits: [runtimeDefault(whole)],
    })),
  ];
}
