import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { at, listAt } from "../../k8s/fields.ts";

export const hostPorts = definePodControl({
  id: "pss/host-ports",
  title: "No container takes a port of the node",
  level: "baseline",
  severity: "medium",
  why: "a port of the node is reachable past services and network policies, and can stand in for one that the node uses",
  fix: "remove hostPort; expose the pod by a Service",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "cis:5.2.13"],
  examples: {
    bad: [examplePod({ container: { ports: [{ containerPort: 80, hostPort: 80 }] } })],
    good: [examplePod({ container: { ports: [{ containerPort: 80 }] } })],
  },
  variants: [
    {
      since: 0,
      problems: (pod) =>
        pod.containers.flatMap(({ path, name, value }) =>
          listAt(value, "ports").flatMap((port, i) => {
            const taken = at(port, "hostPort");
            if (typeof taken !== "number" || taken === 0) return [];
            const field = [...path, "ports", i, "hostPort"];
            return [
              {
                path: field,
                message: `container ${name} takes port ${taken} of the node`,
                edits: [{ op: "remove" as const, path: field }],
              },
            ];
          }),
        ),
    },
  ],
});
