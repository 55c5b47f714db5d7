import { at, entriesAt, listAt, textAt } from "../fields.ts";
import type { FieldPath } from "../fields.ts";

/** A container of any of the three lists, with where it stands. */
export interface ContainerView {
  readonly path: FieldPath;
  readonly name: string;
  readonly value: unknown;
}

/** What the controls read of a pod or of a pod template. Paths start at the pod. */
export interface PodView {
  readonly value: unknown;
  readonly containers: readonly ContainerView[];
  readonly annotations: readonly (readonly [string, unknown])[];
  /** `spec.os.name: windows`: since 1.25 some Linux-only fields need not be set. */
  readonly windows: boolean;
  /** `spec.hostUsers: false`: root inside is nobody outside, which 1.35 takes into account. */
  readonly userNamespace: boolean;
}

const lists = ["initContainers", "containers", "ephemeralContainers"] as const;

/** `pod` has `metadata` and `spec`, as a Pod or as the template of a controller has. */
export function viewPod(pod: unknown): PodView {
  return {
    value: pod,
    containers: lists.flatMap((list) =>
      listAt(pod, "spec", list).map((value, i) => ({ path: ["spec", list, i], name: textAt(value, "name") ?? "", value })),
    ),
    annotations: entriesAt(pod, "metadata", "annotations"),
    windows: at(pod, "spec", "os", "name") === "windows",
    userNamespace: at(pod, "spec", "hostUsers") === false,
  };
}

/** A place that may carry a security context: the pod, or one of its containers. */
export interface SecuritySetter {
  /** Path of the security context. */
  readonly path: FieldPath;
  readonly name: string;
  /** The security context, if there is one. */
  readonly value: unknown;
}

/** The pod's security context. */
export function podSetter(pod: PodView): SecuritySetter {
  return { path: ["spec", "securityContext"], name: "the pod", value: at(pod.value, "spec", "securityContext") };
}

/** The security contexts of all containers. */
export function containerSetters(pod: PodView): readonly SecuritySetter[] {
  return pod.containers.map(({ path, name, value }) => ({
    path: [...path, "securityContext"],
    name: `container ${name}`,
    value: at(value, "securityContext"),
  }));
}

/** The security contexts of the pod and of all containers. */
export function allSetters(pod: PodView): readonly SecuritySetter[] {
  return [podSetter(pod), ...containerSetters(pod)];
}
