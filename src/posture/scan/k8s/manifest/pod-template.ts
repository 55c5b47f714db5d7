import type { FieldPath } from "../fields.ts";
import type { PodTemplate } from "./manifest.ts";

/** Where a field of a pod (`spec.containers[0]`) stands in the manifest that the pod is in. */
export function podField({ path, specPath, moved }: PodTemplate, field: FieldPath): FieldPath {
  if (moved !== undefined) return moved(field);
  return specPath !== undefined && field[0] === "spec" ? [...specPath, ...field.slice(1)] : [...path, ...field];
}
