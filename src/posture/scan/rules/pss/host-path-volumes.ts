import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { at, listAt, textAt } from "../../k8s/fields.ts";

export const hostPathVolumes = definePodControl({
  id: "pss/host-path-volumes",
  title: "No volume is a folder of the node",
  level: "baseline",
  severity: "high",
  why: "a folder of the node reaches other pods' files, credentials of the kubelet and the container runtime",
  fix: "use an emptyDir, a persistent volume claim or a CSI driver",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "attack:T1611", "cis:5.2.12"],
  examples: {
    bad: [examplePod({ spec: { volumes: [{ name: "etc", hostPath: { path: "/etc" } }] } })],
    good: [examplePod({ spec: { volumes: [{ name: "tmp", emptyDir: {} }] } })],
  },
  variants: [
    {
      since: 0,
      problems: (pod) =>
        listAt(pod.value, "spec", "volumes").flatMap((volume, i) => {
          if (at(volume, "hostPath") === undefined) return [];
          const path = ["spec", "volumes", i, "hostPath"];
          return [
            {
              path,
              message: `volume ${textAt(volume, "name") ?? ""} is ${textAt(volume, "hostPath", "path") ?? "a folder"} of the node`,
              edits: [
                { op: "set", path: ["spec", "volumes", i, "emptyDir"], value: {} },
                { op: "remove", path },
              ],
            },
          ];
        }),
    },
  ],
});
