import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import { at, entriesAt, listAt, textAt } from "../../k8s/fields.ts";

/** Volume sources that the level allows. */
const allowed = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

export const restrictedVolumes = definePodControl({
  id: "pss/restricted-volumes",
  title: "Volumes come through Kubernetes, not straight from the node or a storage system",
  level: "restricted",
  severity: "medium",
  why: "an inline volume bypasses persistent volumes: whoever writes the pod chooses the server, the disk or the folder",
  fix: "use a persistent volume claim, a CSI driver, a config map, a secret or an emptyDir",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/", "cis:5.2.12"],
  examples: {
    bad: [examplePod({ spec: { volumes: [{ name: "n", nfs: { server: "s", path: "/" } }] } })],
    good: [examplePod({ spec: { volumes: [{ name: "t", emptyDir: {} }] } })],
  },
  variants: [
    {
      since: 0,
      replaces: ["pss/host-path-volumes"],
      problems: (pod) =>
        listAt(pod.value, "spec", "volumes").flatMap((volume, i) => {
          if (allowed.some((source) => at(volume, source) !== undefined)) return [];
          const sources = entriesAt(volume).flatMap(([key, value]) => (key === "name" || value === null ? [] : [key]));
          // The API server makes an emptyDir of a volume without a source before anything judges it.
          if (sources[0] === undefined) return [];
          const path = ["spec", "volumes", i];
          return [
            {
              path: [...path, sources[0]],
              message: `volume ${textAt(volume, "name") ?? ""} is of the type ${sources[0]}`,
              edits: [
                { op: "set" as const, path: [...path, "emptyDir"], value: {} },
                ...sources.map((source) => ({ op: "remove" as const, path: [...path, source] })),
              ],
            },
          ];
        }),
    },
  ],
});
