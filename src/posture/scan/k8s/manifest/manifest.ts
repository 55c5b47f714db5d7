import { at, textAt } from "../fields.ts";
import type { FieldPath } from "../fields.ts";
import { offsetOf } from "../yaml/places.ts";
import type { YamlDocument, YamlFile } from "../yaml/node.ts";
import { customPods } from "./custom-pods.ts";

/** A pod inside a manifest: the manifest itself, or the template of a controller. */
export interface PodTemplate {
  /** Where it stands in the manifest. */
  readonly path: FieldPath;
  /** `{metadata, spec}`. */
  readonly value: unknown;
  /** Where the spec stands when it is not in `spec`: resources such as InferenceService are pod specs under another name. */
  readonly specPath?: FieldPath;
  /** Where a field of the pod stands in the manifest, where containers are written under other names. */
  readonly moved?: (field: FieldPath) => FieldPath;
}

/** One Kubernetes object of a file. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** As written; undefined where the manifest leaves it to whoever applies it. */
  readonly namespace: string | undefined;
  readonly value: unknown;
  readonly pods: readonly PodTemplate[];
  readonly file: YamlFile;
  readonly document: YamlDocument;
  /** Steps from the document to this object: more than none inside a List. */
  readonly base: FieldPath;
}

/** Kinds with a pod in them, and where. */
const templates: Readonly<Record<string, FieldPath>> = {
  Pod: [],
  PodTemplate: ["template"],
  ReplicationController: ["spec", "template"],
  ReplicaSet: ["spec", "template"],
  Deployment: ["spec", "template"],
  StatefulSet: ["spec", "template"],
  DaemonSet: ["spec", "template"],
  Job: ["spec", "template"],
  CronJob: ["spec", "jobTemplate", "spec", "template"],
  Rollout: ["spec", "template"],
};

/** The Kubernetes objects of a file, those inside Lists one by one. */
export function manifestsOf(file: YamlFile): Manifest[] {
  return file.documents.flatMap((document) => expand({ file, document, value: document.value, base: [] }));
}

type Found = Pick<Manifest, "file" | "document" | "value" | "base">;

function expand(found: Found): Manifest[] {
  const kind = textAt(found.value, "kind");
  const apiVersion = textAt(found.value, "apiVersion");
  if (kind === undefined || apiVersion === undefined) return [];
  const items = at(found.value, "items");
  if (kind.endsWith("List") && Array.isArray(items)) {
    return items.flatMap((item, i) =>
      expand({ ...found, value: withKind(item, kind, apiVersion), base: [...found.base, "items", i] }),
    );
  }
  return [
    {
      ...found,
      kind,
      apiVersion,
      name: textAt(found.value, "metadata", "name") ?? textAt(found.value, "metadata", "generateName") ?? "",
      namespace: textAt(found.value, "metadata", "namespace"),
      pods: podsOf(kind, found.value),
    },
  ];
}

/** Items of a typed list (`PodList`) need not say what they are. */
function withKind(item: unknown, list: string, apiVersion: string): unknown {
  const kind = list.slice(0, -"List".length);
  if (kind === "" || typeof item !== "object" || item === null || Array.isArray(item)) return item;
  return { ...item, kind: textAt(item, "kind") ?? kind, apiVersion: textAt(item, "apiVersion") ?? apiVersion };
}

/** The pods inside an object of a kind: itself, its template, or what a custom resource carries. */
export function podsOf(kind: string, value: unknown): PodTemplate[] {
  const path = templates[kind];
  if (path !== undefined && (at(value, ...path, "spec") !== undefined || path.length === 0)) {
    return [{ path, value: at(value, ...path) }];
  }
  return customPods(value);
}

/** 1-based line of a field of an object, or of the deepest part of its path that exists. */
export function lineOf(manifest: Pick<Manifest, "file" | "document" | "base">, path: FieldPath): number {
  return manifest.file.lineAt(offsetOf(manifest.document, [...manifest.base, ...path]));
}
