import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { textAt } from "../../k8s/fields.ts";
import { allSetters } from "../../k8s/pss/pod-view.ts";
import type { PodView } from "../../k8s/pss/pod-view.ts";

const first = ["container_t", "container_init_t", "container_kvm_t"];

export const seLinuxOptions = definePodControl({
  id: "pss/se-linux-options",
  title: "SELinux keeps containers apart from the node",
  level: "baseline",
  severity: "medium",
  why: "another type, user or role leaves the confinement that SELinux gives containers",
  fix: "remove user and role; use one of the container types",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
  examples: {
    bad: [examplePod({ security: { seLinuxOptions: { type: "spc_t" } } })],
    good: [examplePod({ security: { seLinuxOptions: { type: "container_t" } } })],
  },
  variants: [
    { since: 0, problems: (pod) => problems(pod, first) },
    { since: 31, problems: (pod) => problems(pod, [...first, "container_engine_t"]) },
  ],
});

function problems(pod: PodView, allowed: readonly string[]): PodProblem[] {
  return allSetters(pod).flatMap(({ path, name, value }) =>
    (["type", "user", "role"] as const).flatMap((option) => {
      const chosen = textAt(value, "seLinuxOptions", option) ?? "";
      if (chosen === "" || (option === "type" && allowed.includes(chosen))) return [];
      const field = [...path, "seLinuxOptions", option];
      return [
        { path: field, message: `${name} sets the SELinux ${option} ${chosen}`, edits: [{ op: "remove" as const, path: field }] },
      ];
    }),
  );
}
