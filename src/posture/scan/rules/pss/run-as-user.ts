import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { at } from "../../k8s/fields.ts";
import { allSetters } from "../../k8s/pss/pod-view.ts";
import type { PodView } from "../../k8s/pss/pod-view.ts";

export const runAsUser = definePodControl({
  id: "pss/run-as-user",
  title: "No container is told to run as user 0",
  level: "restricted",
  severity: "high",
  why: "root in a container is root on the node as soon as anything else gives way",
  fix: "remove runAsUser, or set the number of the image's own user",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "cis:5.2.7"],
  examples: { bad: [examplePod({ security: { runAsUser: 0 } })], good: [examplePod({ security: { runAsUser: 65532 } })] },
  variants: [
    { since: 23, problems },
    { since: 35, problems: (pod) => (pod.userNamespace ? [] : problems(pod)) },
  ],
});

function problems(pod: PodView): PodProblem[] {
  return allSetters(pod)
    .filter(({ value }) => at(value, "runAsUser") === 0)
    .map(({ path, name }) => {
      const field = [...path, "runAsUser"];
      return { path: field, message: `${name} runs as user 0`, edits: [{ op: "remove", path: field }] };
    });
}
