import { defineKind } from "../../define.ts";
import type { Opened } from "../../define.ts";
import type { ScanContext } from "../../engine/context.ts";
import { manifestsOf } from "../manifest/manifest.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { readYaml } from "../yaml/read-yaml.ts";
import type { YamlFile } from "../yaml/node.ts";
import { textOf } from "../yaml/source-text.ts";
import { looksLikeManifests, textProbe } from "./sniff.ts";

/** A file of Kubernetes objects as a whole. */
export interface ManifestFile {
  readonly file: YamlFile;
  readonly manifests: readonly Manifest[];
}

declare module "../../subject.ts" {
  interface Subjects {
    /** One Kubernetes object. */
    manifest: Manifest;
    /** A file of them. */
    manifests: ManifestFile;
  }
}

/** Kubernetes objects as YAML or JSON: one, several documents, or Lists. */
export const kubernetes = defineKind({
  id: "kubernetes",
  title: "Kubernetes objects",
  family: "k8s",
  order: 510,
  sniff: (probe) => textProbe(probe, looksLikeManifests),
  open: (source, context) => openManifests(textOf(source), context),
});

/** Text of Kubernetes objects as what rules look at. @throws `scan/malformed`, `scan/refused` */
export function openManifests(text: string, context: ScanContext): Opened {
  const file = readYaml(text);
  const manifests = manifestsOf(file);
  if (manifests.length === 0) return { subjects: [], nothing: "YAML or JSON without a Kubernetes object" };
  context.together?.push(...manifests.map((manifest) => ({ path: context.path, manifest })));
  return {
    subjects: [
      { type: "manifests", value: { file, manifests } },
      ...manifests.map((value) => ({ type: "manifest" as const, value })),
    ],
  };
}
