import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { textAt } from "../../k8s/fields.ts";

const handlers = [
  ["livenessProbe"],
  ["readinessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
] as const;

/** Since 1.34: the kubelet sends these requests from the node, to whatever host the pod names. */
export const hostProbesAndHostLifecycle = definePodControl({
  id: "pss/host-probes-and-host-lifecycle",
  title: "Probes and lifecycle hooks name no host",
  level: "baseline",
  severity: "medium",
  why: "the kubelet sends the request from the node's network: a named host makes it scan and reach what the pod itself cannot",
  fix: "remove host from httpGet and tcpSocket; the pod's own address is the default",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "cwe:918"],
  examples: {
    bad: [examplePod({ container: { livenessProbe: { httpGet: { host: "169.254.169.254", port: 80 } } } })],
    good: [examplePod({ container: { livenessProbe: { httpGet: { port: 80 } } } })],
  },
  variants: [
    {
      since: 34,
      problems: (pod) =>
        pod.containers.flatMap(({ path, name, value }) =>
          handlers.flatMap((handler) =>
            (["httpGet", "tcpSocket"] as const).flatMap((action) => {
              const host = textAt(value, ...handler, action, "host");
              if (host === undefined || host === "") return [];
              const field = [...path, ...handler, action, "host"];
              const message = `${handler.join(".")} of container ${name} names the host ${host}`;
              return [{ path: field, message, edits: [{ op: "remove" as const, path: field }] }];
            }),
          ),
        ),
    },
  ],
});
