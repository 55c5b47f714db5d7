import { all } from "../../rules/pss/_all.ts";
import { applyEdits, inOrder } from "../fields.ts";
import type { Edit } from "../fields.ts";
import { newestMinor } from "./control.ts";
import type { ControlVariant, PodControl, PodProblem, PodSecurityLevel } from "./control.ts";
import { viewPod } from "./pod-view.ts";
import { wrongTypes } from "./pod-types.ts";
import type { WrongType } from "./pod-types.ts";

/** What to hold a pod to. */
export interface PodStandard {
  readonly level: PodSecurityLevel;
  /** Minor version of Kubernetes 1; versions newer than {@link newestMinor} are read as that one, as the API server does. */
  readonly minor: number;
}

/** A control and a field that breaks it. */
export interface PodViolation extends PodProblem {
  readonly control: PodControl;
}

/** The verdict on a pod. */
export interface PodVerdict {
  readonly allowed: boolean;
  readonly violations: readonly PodViolation[];
  /** Fields that the API server would refuse to decode; a pod with one is not allowed either. */
  readonly wrongTypes: readonly WrongType[];
}

interface Held {
  readonly control: PodControl;
  readonly variant: ControlVariant;
}

const known = new Map<string, readonly Held[]>();

/** The controls of a level in a version, each in the variant that holds there. */
function held({ level, minor }: PodStandard): readonly Held[] {
  const version = Math.min(minor, newestMinor);
  const key = `${level} ${version}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const current = all.flatMap((control: PodControl) => {
    const variant = control.variants.findLast(({ since }) => since <= version);
    return variant === undefined || (level === "baseline" && control.level === "restricted") ? [] : [{ control, variant }];
  });
  const replaced = new Set(current.flatMap(({ variant }) => variant.replaces ?? []));
  const holding = current.filter(({ control }) => !replaced.has(control.id));
  known.set(key, holding);
  return holding;
}

/**
 * The Pod Security Standards on one pod: a pure function, with the same verdict as the API server's admission plugin of that version.
 *
 * @param pod - a Pod, or the template of a controller: anything with `metadata` and `spec`
 * @example
 * evaluatePod(pod, { level: "restricted", minor: 33 }).violations.map(({ control, path }) => [control.id, fieldText(path)]);
 */
export function evaluatePod(pod: unknown, standard: PodStandard): PodVerdict {
  const view = viewPod(pod);
  const violations = held(standard).flatMap(({ control, variant }) =>
    variant.problems(view).map((problem) => ({ ...problem, control })),
  );
  const wrong = wrongTypes(pod);
  return { allowed: violations.length === 0 && wrong.length === 0, violations, wrongTypes: wrong };
}

/** The least edits after which the pod meets the standard, or undefined where no edit of ours makes it meet it. */
export function editsFor(
  pod: unknown,
  standard: PodStandard,
  { violations }: Pick<PodVerdict, "violations"> = evaluatePod(pod, standard),
): readonly Edit[] | undefined {
  const edits = inOrder(violations.flatMap((violation) => violation.edits));
  return evaluatePod(applyEdits(pod, edits), standard).allowed ? edits : undefined;
}

/**
 * The minor version in `1.33`, `v1.33.4` or `latest`; undefined where it is none of these.
 *
 * @example
 * parseMinor("v1.33"); // 33
 */
export function parseMinor(version: string): number | undefined {
  if (version === "latest") return newestMinor;
  const found = /^v?1\.(\d{1,3})(?:\.\d+)?$/.exec(version);
  return found === null ? undefined : Number(found[1]);
}
