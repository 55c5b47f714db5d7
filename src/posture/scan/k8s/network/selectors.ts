import { at, entriesAt, listAt, textAt } from "../fields.ts";

type Labels = ReadonlyMap<string, string>;

/** Labels of an object's metadata. */
export function labelsOf(object: unknown): Labels {
  return new Map(entriesAt(object, "metadata", "labels").map(([key, value]) => [key, String(value)]));
}

/**
 * A label selector: all of `matchLabels` and `matchExpressions` must hold; an empty one selects everything.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
 */
export function selects(selector: unknown, labels: Labels): boolean {
  const named = entriesAt(selector, "matchLabels").every(([key, value]) => labels.get(key) === String(value));
  return named && listAt(selector, "matchExpressions").every((expression) => holds(expression, labels));
}

function holds(expression: unknown, labels: Labels): boolean {
  const value = labels.get(textAt(expression, "key") ?? "");
  const values = listAt(expression, "values").map(String);
  switch (at(expression, "operator")) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
