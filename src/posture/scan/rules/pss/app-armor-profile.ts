import { definePodControl } from "../../k8s/pss/control.ts";
import { examplePod } from "../../k8s/pss/example-pod.ts";
import type { PodProblem } from "../../k8s/pss/control.ts";
import { at, textAt } from "../../k8s/fields.ts";
import { allSetters } from "../../k8s/pss/pod-view.ts";
import type { PodView } from "../../k8s/pss/pod-view.ts";

const prefix = "container.apparmor.security.beta.kubernetes.io/";
const allowedTypes = new Set(["RuntimeDefault", "Localhost"]);

export const appArmorProfile = definePodControl({
  id: "pss/app-armor-profile",
  title: "AppArmor stays on",
  level: "baseline",
  severity: "medium",
  why: "the runtime's AppArmor profile stops mounts, raw writes below /proc and more; Unconfined removes it",
  fix: "use the profile RuntimeDefault or a Localhost one",
  references: ["https://kubernetes.io/docs/concepts/security/pod-security-standards/"],
  examples: {
    bad: [examplePod({ own: { appArmorProfile: { type: "Unconfined" } } })],
    good: [examplePod({ own: { appArmorProfile: { type: "RuntimeDefault" } } })],
  },
  variants: [{ since: 0, problems: (pod) => [...fields(pod), ...annotations(pod)] }],
});

function fields(pod: PodView): PodProblem[] {
  return allSetters(pod).flatMap(({ path, name, value }) => {
    if (at(value, "appArmorProfile") === undefined) return [];
    const type = textAt(value, "appArmorProfile", "type") ?? "";
    if (allowedTypes.has(type)) return [];
    const field = [...path, "appArmorProfile", "type"];
    return [
      {
        path: field,
        message: `${name} has the AppArmor profile "${type}"`,
        edits: [{ op: "set", path: field, value: "RuntimeDefault" }],
      },
    ];
  });
}

/** Before the fields of 1.30 the profile was an annotation; the control still reads it. */
function annotations(pod: PodView): PodProblem[] {
  return pod.annotations.flatMap(([key, value]) => {
    if (!key.startsWith(prefix) || allowedAnnotation(value)) return [];
    const path = ["metadata", "annotations", key];
    return [
      {
        path,
        message: `the annotation asks for the AppArmor profile "${value}"`,
        edits: [{ op: "set", path, value: "runtime/default" }],
      },
    ];
  });
}

function allowedAnnotation(value: unknown): boolean {
  const text = String(value ?? "");
  return text === "" || text === "runtime/default" || text.startsWith("localhost/");
}
