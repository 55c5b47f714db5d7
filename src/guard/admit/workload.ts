import { at, entriesAt, fieldText, listAt, podsOf, textAt } from "../../posture/scan/index.ts";
import type { FieldPath, PodTemplate } from "../../posture/scan/index.ts";
import type { AdmissionRequest } from "./review.ts";

/** An image or a model that an object names, and where. */
export interface Named {
  readonly where: string;
  readonly reference: string;
}

/** What of an object is to be decided about. */
export interface Workload {
  readonly pods: readonly PodTemplate[];
  readonly images: readonly Named[];
  readonly models: readonly Named[];
}

/** Names models beside what a workload's own fields name: addresses, separated by commas or spaces. */
export const modelsAnnotation = "modelkeep.dev/models";

export function workloadOf({ kind, object }: Pick<AdmissionRequest, "kind" | "object">): Workload {
  const pods = podsOf(kind.kind, object);
  return { pods, images: pods.flatMap(imagesOf), models: [...annotated(object, pods), ...urisIn(at(object, "spec"), ["spec"])] };
}

/** True for an update that changes nothing of what is decided about: labels, status, a scale, a finaliser. */
export function isUnchanged(request: AdmissionRequest): boolean {
  if (request.operation !== "UPDATE") return false;
  const { kind, object, oldObject } = request;
  const now = workloadOf({ kind, object });
  const before = workloadOf({ kind, object: oldObject });
  return now.pods.length > 0 && JSON.stringify(decisive(now)) === JSON.stringify(decisive(before));
}

function decisive({ pods, images, models }: Workload): unknown {
  return [pods.map(({ value }) => [at(value, "spec"), at(value, "metadata", "annotations")]), images, models];
}

function imagesOf({ value }: PodTemplate): Named[] {
  const containers = (["initContainers", "containers", "ephemeralContainers"] as const).flatMap((list) =>
    listAt(value, "spec", list).map((container, i): Named => ({
      where: `${list === "ephemeralContainers" ? "debug container" : "container"} ${textAt(container, "name") ?? String(i)}`,
      reference: textAt(container, "image") ?? "",
    })),
  );
  const volumes = listAt(value, "spec", "volumes").flatMap((volume): Named[] => {
    const reference = at(volume, "image") === undefined ? undefined : (textAt(volume, "image", "reference") ?? "");
    return reference === undefined ? [] : [{ where: `image volume ${textAt(volume, "name") ?? "?"}`, reference }];
  });
  return [...containers, ...volumes];
}

function annotated(object: unknown, pods: readonly PodTemplate[]): Named[] {
  const texts = [object, ...pods.map(({ value }) => value)].map((value) =>
    at(value, "metadata", "annotations", modelsAnnotation),
  );
  const all = texts.flatMap((text) => (typeof text === "string" ? text.split(/[\s,]+/) : []));
  return [...new Set(all)].filter((text) => text !== "").map((reference) => ({ where: modelsAnnotation, reference }));
}

/** Fields in which custom resources of model servers name a model (KServe, Seldon). */
function* urisIn(value: unknown, path: FieldPath): Generator<Named> {
  if (path.length > 12) return;
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* urisIn(item, [...path, i]);
  for (const [key, inner] of entriesAt(value)) {
    if (/^(?:storageUri|modelUri|model_uri)$/.test(key) && typeof inner === "string" && inner !== "")
      yield { where: fieldText([...path, key]), reference: inner };
    else yield* urisIn(inner, [...path, key]);
  }
}
