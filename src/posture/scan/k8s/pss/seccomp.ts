import { at, textAt } from "../fields.ts";
import type { Edit } from "../fields.ts";
import type { PodProblem } from "./control.ts";
import type { SecuritySetter } from "./pod-view.ts";

/** True where the security context names a seccomp profile, whichever. */
export function namesSeccomp({ value }: SecuritySetter): boolean {
  return at(value, "seccompProfile") !== undefined;
}

/** True where the named profile confines. */
export function confines({ value }: SecuritySetter): boolean {
  const type = textAt(value, "seccompProfile", "type");
  return type === "RuntimeDefault" || type === "Localhost";
}

/** The edit that gives the runtime's profile to the pod or the container. */
export function runtimeDefault({ path }: SecuritySetter): Edit {
  return { op: "set", path: [...path, "seccompProfile", "type"], value: "RuntimeDefault" };
}

/** Places that name a profile which does not confine. */
export function unconfined(setters: readonly SecuritySetter[]): PodProblem[] {
  return setters
    .filter((setter) => namesSeccomp(setter) && !confines(setter))
    .map((setter) => ({
      path: [...setter.path, "seccompProfile", "type"],
      message: `${setter.name} has the seccomp profile "${textAt(setter.value, "seccompProfile", "type") ?? ""}"`,
      edits: [runtimeDefault(setter)],
    }));
}
