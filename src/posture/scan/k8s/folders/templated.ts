import type { Opened } from "../../define.ts";
import type { ScanContext } from "../../engine/context.ts";
import { openManifests } from "../kinds/kubernetes.ts";

/** A folder that stands for manifests, and whether they could be seen. */
export interface TemplatedFolder {
  readonly program: "helm" | "kustomize";
  /** Why nothing was rendered. */
  readonly reason: string;
  /** True for Modelkeep's own chart, whose templates were rendered and judged when it was released. */
  readonly ours: boolean;
}

declare module "../../subject.ts" {
  interface Subjects {
    /** A chart or kustomization that nothing here could render. */
    unrendered: TemplatedFolder;
  }
}

/** The manifests of a folder as its program prints them, or one subject that says why there are none. */
export function openTemplated(program: "helm" | "kustomize", context: ScanContext, ours = false): Opened {
  const { text, reason = "nothing here renders it" } = context.renderer?.render(program) ?? {};
  if (text !== undefined) return openManifests(text, context);
  return { subjects: [{ type: "unrendered", value: { program, reason, ours } }] };
}
