/** Pods inside custom resources: Kubeflow, Ray, Seldon, KServe, Argo, Tekton and whatever is written like them. */
import { at, entriesAt, listAt, textAt } from "../fields.ts";
import type { FieldPath } from "../fields.ts";
import type { PodTemplate } from "./manifest.ts";

/** Fields of custom resources that are pod specs themselves: KServe's predictors, transformers, explainers and runtimes. */
const bareSpecs: Readonly<Record<string, readonly FieldPath[]>> = {
  InferenceService: [
    ["spec", "predictor"],
    ["spec", "transformer"],
    ["spec", "explainer"],
  ],
  ServingRuntime: [["spec"]],
  ClusterServingRuntime: [["spec"]],
};

/** Anything with a list of containers in its `spec` is a pod; Argo's templates and Tekton's steps are read as the pods that they become. */
export function customPods(value: unknown): PodTemplate[] {
  const found: PodTemplate[] = [];
  const visit = (inner: unknown, path: FieldPath): void => {
    if (path.length > 8 || found.length >= 100) return;
    const pod =
      listAt(inner, "spec", "containers").length > 0 ? { path, value: inner } : (stepsPod(inner, path) ?? argoPod(inner, path));
    if (pod !== undefined) {
      found.push(pod);
      return;
    }
    if (Array.isArray(inner)) for (const [i, item] of inner.entries()) visit(item, [...path, i]);
    else for (const [key, item] of entriesAt(inner)) visit(item, [...path, key]);
  };
  visit(at(value, "spec"), ["spec"]);
  for (const specPath of bareSpecs[textAt(value, "kind") ?? ""] ?? []) {
    const spec = at(value, ...specPath);
    if (listAt(spec, "containers").length > 0)
      found.push({ path: [], specPath, value: { metadata: at(value, "metadata"), spec } });
  }
  return found;
}

interface Shape {
  readonly inner: unknown;
  readonly path: FieldPath;
  /** Where each container of the pod stands below `path`. */
  readonly containers: readonly FieldPath[];
}

function podOf({ inner, path, containers }: Shape): PodTemplate {
  const spec = { ...(inner as object), containers: containers.map((place) => at(inner, ...place)) };
  return {
    path,
    value: { spec },
    moved: ([, list, index, ...rest]) => {
      const place = list === "containers" && typeof index === "number" ? containers[index] : undefined;
      if (place !== undefined) return [...path, ...place, ...rest];
      return [...path, ...[list, index, ...rest].filter((step) => step !== undefined)];
    },
  };
}

/** Tekton: each step is a container of one pod, sidecars beside them. */
function stepsPod(inner: unknown, path: FieldPath): PodTemplate | undefined {
  const isTask = listAt(inner, "steps").some((step) => textAt(step, "image") !== undefined);
  return isTask ? podOf({ inner, path, containers: [...eachOf(inner, "steps"), ...eachOf(inner, "sidecars")] }) : undefined;
}

/** Argo Workflows: a template with a container, a script or a set of containers. */
function argoPod(inner: unknown, path: FieldPath): PodTemplate | undefined {
  if (path.at(-2) !== "templates") return undefined;
  const single = ["container", "script"].filter((name) => textAt(inner, name, "image") !== undefined).map((name) => [name]);
  const containers = [...single, ...eachOf(inner, "containerSet", "containers"), ...eachOf(inner, "sidecars")];
  return containers.length > 0 ? podOf({ inner, path, containers }) : undefined;
}

const eachOf = (inner: unknown, ...path: readonly string[]): FieldPath[] => listAt(inner, ...path).map((_, i) => [...path, i]);
