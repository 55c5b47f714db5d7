import type { Hit } from "../../define.ts";
import { fieldText, listAt, textAt } from "../fields.ts";
import type { FieldPath } from "../fields.ts";
import { lineOf } from "./manifest.ts";
import type { Manifest, PodTemplate } from "./manifest.ts";
import { podField } from "./pod-template.ts";

/** A hit at a field of an object, with its line. */
export function hitAt(manifest: Manifest, path: FieldPath, hit: Omit<Hit, "where">): Hit {
  const { kind, name, base } = manifest;
  return {
    ...hit,
    message: `${kind}${name === "" ? "" : ` ${name}`}: ${hit.message}`,
    where: { field: fieldText([...base, ...path]), line: lineOf(manifest, path) },
  };
}

/** A container of a pod of a manifest. */
export interface PlacedContainer {
  readonly name: string;
  readonly value: unknown;
  readonly template: PodTemplate;
  /** Which of the pod's lists it is in. */
  readonly list: "initContainers" | "containers" | "ephemeralContainers";
  /** Where it stands in the manifest. */
  readonly path: FieldPath;
}

/** Every container of every pod of a manifest. */
export function containersOf(manifest: Manifest): PlacedContainer[] {
  return manifest.pods.flatMap((template) =>
    (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
      listAt(template.value, "spec", list).map((value, i) => ({
        name: textAt(value, "name") ?? `${list}[${i}]`,
        value,
        template,
        list,
        path: podField(template, ["spec", list, i]),
      })),
    ),
  );
}

/** The words of a container's command line: `command` and `args`, and what a shell would split. */
export function wordsOf(container: unknown): string[] {
  const parts = [...listAt(container, "command"), ...listAt(container, "args")].map(String);
  return parts.flatMap((part) => part.split(/\s+/)).filter((word) => word !== "");
}
