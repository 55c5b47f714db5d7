import { defineRule } from "../../define.ts";
import { at, listAt, textAt } from "../../k8s/fields.ts";
import { containersOf, hitAt } from "../../k8s/manifest/hits.ts";
import { asksForGpu, envOf } from "../../k8s/manifest/ml.ts";

const pod = (container: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    ${container}\n`;

export const gpuShortcut = defineRule({
  id: "k8s/gpu-shortcut",
  title: "Accelerators come through their device plugin",
  severity: "high",
  why: "a privileged container, or a device folder of the node, gives the whole node away for one card; NVIDIA_VISIBLE_DEVICES=all takes the cards of others",
  fix: "ask for nvidia.com/gpu (or its like) in resources.limits and leave the container unprivileged",
  references: [
    "attack:T1611",
    "cve:2024-0132",
    "https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/device-plugins/",
  ],
  subject: "manifest",
  *check(manifest) {
    // Device plugins themselves need the node; they are known by what they register with.
    const plugin = manifest.pods.some(({ value }) =>
      listAt(value, "spec", "volumes").some((volume) =>
        textAt(volume, "hostPath", "path")?.startsWith("/var/lib/kubelet/device-plugins"),
      ),
    );
    if (plugin) return;
    for (const { name, value, path, template } of containersOf(manifest)) {
      const visible = envOf(value, "NVIDIA_VISIBLE_DEVICES");
      const privileged = at(value, "securityContext", "privileged") === true;
      const devices = listAt(template.value, "spec", "volumes").some((volume) =>
        /^\/dev\/(?:nvidia|dri|kfd)/.test(textAt(volume, "hostPath", "path") ?? ""),
      );
      const field = [...path, privileged ? "securityContext" : "env"];
      if (privileged && (asksForGpu(value) || visible !== undefined || devices)) {
        yield hitAt(manifest, field, { message: `container ${name} is privileged to reach a card`, scope: name });
      } else if (devices || (visible === "all" && !asksForGpu(value))) {
        const message = `container ${name} takes ${devices ? "the node's device files" : "all cards of the node"} past the device plugin`;
        yield hitAt(manifest, field, { message, scope: name, severity: "medium" });
      }
    }
  },
  fixtures: {
    bad: [
      {
        name: "privileged.yaml",
        content: pod("securityContext: {privileged: true}\n    resources: {limits: {nvidia.com/gpu: 1}}"),
      },
      { name: "all.yaml", content: pod("env: [{name: NVIDIA_VISIBLE_DEVICES, value: all}]") },
    ],
    good: [{ name: "plugin.yaml", content: pod("resources: {limits: {nvidia.com/gpu: 1}}") }],
  },
});
