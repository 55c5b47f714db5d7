import { createRegistry } from "../../base/registry/index.ts";
import type { Registry } from "../../base/registry/index.ts";
import type { FolderKind, Kind, Rule } from "./define.ts";
import { all as containerFolders } from "./container/folders/_all.ts";
import { all as containerKinds } from "./container/kinds/_all.ts";
import { all as clusterFolders } from "./k8s/folders/_all.ts";
import { all as clusterKinds } from "./k8s/kinds/_all.ts";
import { podRule } from "./k8s/pss/rule.ts";
import { all as modelKinds } from "./kinds/_all.ts";
import { all as containerRules } from "./rules/container/_all.ts";
import { all as clusterRules } from "./rules/k8s/_all.ts";
import { all as modelRules } from "./rules/model/_all.ts";
import { all as podControls } from "./rules/pss/_all.ts";
import type { SubjectType } from "./subject.ts";

// A family that joins adds its lists here: rules, kinds and folder kinds.
const allRules: readonly Rule[] = [...modelRules, ...containerRules, ...clusterRules, ...podControls.map(podRule)];
const allKinds: readonly Kind[] = [...modelKinds, ...containerKinds, ...clusterKinds];

/** Formats in the order they are asked. */
export const kinds: readonly Kind[] = allKinds.toSorted((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));

/** Folders that are one thing. */
export const folderKinds: readonly FolderKind[] = [...clusterFolders, ...containerFolders];

/** Every rule, by id. */
export const rules: Registry<Rule> = createRegistry("rule", allRules);

const bySubject = new Map<SubjectType, Rule[]>();
for (const rule of rules.all) bySubject.set(rule.subject, [...(bySubject.get(rule.subject) ?? []), rule]);

/** The rules that look at subjects of a type, in order of id. */
export function rulesFor(type: SubjectType): readonly Rule[] {
  return bySubject.get(type) ?? [];
}
