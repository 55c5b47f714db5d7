import { listAt, textAt } from "./fields.ts";
import type { FieldPath } from "./fields.ts";
import type { Manifest } from "./manifest/manifest.ts";

/** One rule of a Role or ClusterRole. */
export interface Grant {
  readonly path: FieldPath;
  readonly verbs: readonly string[];
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** Objects by name that it is limited to. */
  readonly names: readonly string[];
}

/** The rules of a role; none for other kinds. */
export function grantsOf({ kind, value }: Manifest): Grant[] {
  if (kind !== "Role" && kind !== "ClusterRole") return [];
  const texts = (rule: unknown, field: string) => listAt(rule, field).map(String);
  return listAt(value, "rules").map((rule, i) => ({
    path: ["rules", i],
    verbs: texts(rule, "verbs"),
    groups: texts(rule, "apiGroups"),
    resources: texts(rule, "resources"),
    names: texts(rule, "resourceNames"),
  }));
}

/** True when a grant has one of the verbs, or all. */
export function mayDo({ verbs }: Grant, wanted: readonly string[]): boolean {
  return verbs.includes("*") || wanted.some((verb) => verbs.includes(verb));
}

/** True when a grant reaches one of the resources of the group, or all. */
export function reaches({ groups, resources }: Grant, group: string, wanted: readonly string[]): boolean {
  const inGroup = groups.includes("*") || groups.includes(group);
  return (
    inGroup &&
    resources.some(
      (resource) => resource === "*" || wanted.includes(resource) || wanted.includes(resource.replace(/^\*\//, "pods/")),
    )
  );
}

/** A binding's role and subjects. */
export interface Binding {
  readonly role: string;
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly path: FieldPath }[];
}

/** What a binding binds; undefined for other kinds. */
export function bindingOf({ kind, value }: Manifest): Binding | undefined {
  if (kind !== "RoleBinding" && kind !== "ClusterRoleBinding") return undefined;
  const subjects = listAt(value, "subjects").map((subject, i) => ({
    kind: textAt(subject, "kind") ?? "",
    name: textAt(subject, "name") ?? "",
    path: ["subjects", i],
  }));
  return { role: textAt(value, "roleRef", "name") ?? "", subjects };
}

/** A role with one rule, for fixtures. */
export function exampleRole(rule: string, kind = "ClusterRole"): string {
  return `apiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: {name: a}\nrules:\n- ${rule}\n`;
}
