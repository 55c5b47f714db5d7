import { textAt } from "../fields.ts";
import type { PodProblem } from "./control.ts";
import { containerSetters } from "./pod-view.ts";
import type { PodView } from "./pod-view.ts";

/** Containers whose /proc is not the default one; both levels ask, from different versions on. */
export function procMountProblems(pod: PodView): PodProblem[] {
  return containerSetters(pod).flatMap(({ path, name, value }) => {
    const mount = textAt(value, "procMount");
    if (mount === undefined || mount === "Default") return [];
    const field = [...path, "procMount"];
    return [{ path: field, message: `${name} sets procMount to "${mount}"`, edits: [{ op: "remove", path: field }] }];
  });
}
