import { listAt } from "../fields.ts";
import type { PodProblem } from "./control.ts";
import { containerSetters } from "./pod-view.ts";
import type { PodView } from "./pod-view.ts";

/** Capabilities that containers add and that are not in `allowed`. */
export function forbiddenAdditions(pod: PodView, allowed: ReadonlySet<string>): PodProblem[] {
  return containerSetters(pod).flatMap(({ path, name, value }) =>
    listAt(value, "capabilities", "add").flatMap((capability, i) => {
      if (allowed.has(String(capability))) return [];
      const field = [...path, "capabilities", "add", i];
      return [
        {
          path: field,
          message: `${name} adds the capability ${String(capability)}`,
          edits: [{ op: "remove" as const, path: field }],
        },
      ];
    }),
  );
}
