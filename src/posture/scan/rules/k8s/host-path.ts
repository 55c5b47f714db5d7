import { defineRule } from "../../define.ts";
import { listAt, textAt } from "../../k8s/fields.ts";
import { hitAt } from "../../k8s/manifest/hits.ts";
import { podField } from "../../k8s/manifest/pod-template.ts";

/** Paths whose owner owns the node, and what they are. */
const keys: readonly (readonly [RegExp, string])[] = [
  [/^\/+$/, "the whole node"],
  [
    /^(?:\/var)?\/run\/(?:docker|crio\/crio|containerd\/containerd|podman\/podman)\.sock$|^(?:\/var)?\/run\/?$/,
    "the container engine",
  ],
  [/^\/(?:etc|root|proc|sys|boot|dev|usr|lib|lib64|bin|sbin)(?:\/|$)/, "the node's system"],
  [/^\/var\/lib\/(?:kubelet|docker|containerd|etcd)(?:\/|$)/, "other pods' files and tokens"],
  [/^\/var\/log(?:\/|$)/, "the node's logs, and by links any file"],
];
const pod = (path: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: []\n  volumes:\n  - name: v\n    hostPath: {path: ${path}}\n`;

export const hostPath = defineRule({
  id: "k8s/host-path",
  title: "No pod holds a path of the node that gives it the node",
  severity: "critical",
  why: "through the container engine's socket or the node's system folders a pod becomes root on the node",
  fix: "remove the volume; what needs the node belongs into a device plugin or a CSI driver",
  references: ["attack:T1611", "attack:T1610", "cis:5.2.12", "cwe:250"],
  subject: "manifest",
  *check(manifest) {
    for (const template of manifest.pods) {
      for (const [i, volume] of listAt(template.value, "spec", "volumes").entries()) {
        const path = textAt(volume, "hostPath", "path");
        const gives = path === undefined ? undefined : keys.find(([pattern]) => pattern.test(path.replace(/\/{2,}/g, "/")))?.[1];
        if (gives === undefined) continue;
        const field = podField(template, ["spec", "volumes", i, "hostPath", "path"]);
        // Graphics cards are commonly handed through like this; k8s/gpu-shortcut says what to do instead.
        const severity = /^\/dev\/(?:nvidia|dri|kfd|infiniband)/.test(path!) ? "high" : "critical";
        yield hitAt(manifest, field, { message: `volume ${textAt(volume, "name") ?? ""} is ${path}: ${gives}`, severity });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "socket.yaml", content: pod("/var/run/docker.sock") },
      { name: "root.yaml", content: pod("//") },
      { name: "kubelet.yaml", content: pod("/var/lib/kubelet/pki") },
    ],
    good: [{ name: "data.yaml", content: pod("/srv/models") }],
  },
});
