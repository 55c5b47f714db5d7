import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { listAt } from "../../k8s/fields.ts";
import { forbiddenAdditions } from "../../k8s/pss/capabilities.ts";
import { containerSetters } from "../../k8s/pss/pod-view.ts";
import type { PodView } from "../../k8s/pss/pod-view.ts";

const allowed = new Set(["NET_BIND_SERVICE"]);

export const capabilitiesRestricted = definePodControl({
  id: "pss/capabilities-restricted",
  title: "All capabilities are dropped; only NET_BIND_SERVICE may come back",
  level: "restricted",
  severity: "medium",
  why: "the capabilities that runtimes give by default are parts of root which a service almost never needs",
  fix: 'set securityContext.capabilities.drop to ["ALL"] on each container',
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "cis:5.2.9", "cis:5.2.10"],
  examples: {
    bad: [examplePod({ own: { capabilities: { drop: ["NET_RAW"] } } })],
    good: [examplePod({ own: { capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } } })],
  },
  variants: [
    { since: 22, replaces: ["pss/capabilities-baseline"], problems },
    { since: 25, replaces: ["pss/capabilities-baseline"], problems: (pod) => (pod.windows ? [] : problems(pod)) },
  ],
});

function problems(pod: PodView): PodProblem[] {
  const keeping = containerSetters(pod).filter(({ value }) => !listAt(value, "capabilities", "drop").includes("ALL"));
  return [
    ...keeping.map(({ path, name, value }): PodProblem => {
      const field = [...path, "capabilities", "drop"];
      const already = listAt(value, "capabilities", "drop").length;
      const edit = already === 0 ? { path: field, value: ["ALL"] } : { path: [...field, already], value: "ALL" };
      return {
        path: field,
        message: `${name} does not drop ALL capabilities`,
        edits: [{ op: "set", ...edit }],
      };
    }),
    ...forbiddenAdditions(pod, allowed),
  ];
}
