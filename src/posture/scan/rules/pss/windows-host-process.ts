import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { at } from "../../k8s/fields.ts";
import { allSetters } from "../../k8s/pss/pod-view.ts";

export const windowsHostProcess = definePodControl({
  id: "pss/windows-host-process",
  title: "Nothing runs as a Windows host process",
  level: "baseline",
  severity: "critical",
  why: "a host process runs on the Windows node itself, with the node's rights",
  fix: "remove securityContext.windowsOptions.hostProcess",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "attack:T1611"],
  examples: {
    bad: [examplePod({ security: { windowsOptions: { hostProcess: true } } })],
    good: [examplePod({ security: { windowsOptions: {} } })],
  },
  variants: [
    {
      since: 0,
      problems: (pod) =>
        allSetters(pod)
          .filter(({ value }) => at(value, "windowsOptions", "hostProcess") === true)
          .map(({ path, name }) => ({
            path: [...path, "windowsOptions", "hostProcess"],
            message: `${name} runs as a host process`,
            edits: [{ op: "set", path: [...path, "windowsOptions", "hostProcess"], value: false }],
          })),
    },
  ],
});
