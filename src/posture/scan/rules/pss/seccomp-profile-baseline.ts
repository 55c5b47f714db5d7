import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { allSetters } from "../../k8s/pss/pod-view.ts";
import type { PodView } from "../../k8s/pss/pod-view.ts";
import { unconfined } from "../../k8s/pss/seccomp.ts";

const podKey = "seccomp.security.alpha.kubernetes.io/pod";
const containerKey = "container.seccomp.security.alpha.kubernetes.io/";

export const seccompProfileBaseline = definePodControl({
  id: "pss/seccomp-profile-baseline",
  title: "Seccomp is not turned off",
  level: "baseline",
  severity: "medium",
  why: "unconfined, a process may make every system call, among them those that kernel exploits need",
  fix: "use the profile RuntimeDefault or a Localhost one",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "cis:5.7.2"],
  examples: {
    bad: [examplePod({ own: { seccompProfile: { type: "Unconfined" } } })],
    good: [examplePod({ security: { seccompProfile: null } })],
  },
  variants: [
    { since: 0, problems: annotations },
    { since: 19, problems: (pod) => unconfined(allSetters(pod)) },
  ],
});

/** Up to 1.18 the profile was an annotation: of the pod, or of a container that the pod has. */
function annotations(pod: PodView): PodProblem[] {
  const keys = new Set([podKey, ...pod.containers.map(({ name }) => containerKey + name)]);
  return pod.annotations.flatMap(([key, value]) => {
    if (!keys.has(key) || allowed(String(value ?? ""))) return [];
    const path = ["metadata", "annotations", key];
    return [
      {
        path,
        message: `the annotation asks for the seccomp profile "${value}"`,
        edits: [{ op: "set", path, value: "runtime/default" }],
      },
    ];
  });
}

function allowed(value: string): boolean {
  return value === "runtime/default" || value === "docker/default" || value.startsWith("localhost/");
}
