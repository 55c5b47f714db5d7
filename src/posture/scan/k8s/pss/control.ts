import type { Severity } from "../../../../base/finding/index.ts";
import type { Edit, FieldPath } from "../fields.ts";
import type { PodView } from "./pod-view.ts";

/** The two levels of the Pod Security Standards that forbid anything. */
export const podSecurityLevels = ["baseline", "restricted"] as const;

export type PodSecurityLevel = (typeof podSecurityLevels)[number];

/** The newest minor version of Kubernetes 1 whose rules are known here. */
export const newestMinor = 37;

/** A field that a level forbids, and the least change that it would accept. */
export interface PodProblem {
  readonly path: FieldPath;
  /** What is wrong, in a line. */
  readonly message: string;
  readonly edits: readonly Edit[];
}

/** How a control reads a pod from one minor version on. */
export interface ControlVariant {
  /** First minor version of Kubernetes 1 that it holds for. */
  readonly since: number;
  /** Controls of the baseline that this one replaces at the restricted level. */
  readonly replaces?: readonly string[];
  problems(pod: PodView): readonly PodProblem[];
}

/** One control of the Pod Security Standards, after https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
export interface PodControl {
  /** `pss/…`. */
  readonly id: string;
  readonly title: string;
  /** The lowest level that has it. */
  readonly level: PodSecurityLevel;
  readonly severity: Severity;
  readonly why: string;
  readonly fix: string;
  readonly references: readonly string[];
  /** Pods, without kind and name, that break it (at the restricted level of the newest version) and that do not. */
  readonly examples: { readonly bad: readonly object[]; readonly good: readonly object[] };
  /** Oldest first; none holds before the first. */
  readonly variants: readonly ControlVariant[];
}

/**
 * @example
 * export const hostPorts = definePodControl({ id: "pss/host-ports", level: "baseline", …, variants: [{ since: 0, problems }] });
 */
export function definePodControl(control: PodControl): PodControl {
  return control;
}
