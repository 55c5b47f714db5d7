/** Rules over all files of a scan at once, and their findings in the targets that they are about. */

import type { Together } from "../k8s/cluster.ts";
import { rulesFor } from "../registry.ts";
import type { ScanFinding, ScannedTarget } from "../result.ts";
import type { ScanContext } from "./context.ts";
import { hitFinding } from "./findings.ts";

/** The targets with what their files show together; a hit names its target by `where.file`. */
export function joinedFindings(
  targets: readonly ScannedTarget[],
  context: Pick<ScanContext, "options" | "limits"> & { readonly together: Together },
): readonly ScannedTarget[] {
  if (context.together.length === 0) return targets;
  const more = new Map<string, ScanFinding[]>();
  for (const rule of rulesFor("cluster")) {
    for (const hit of rule.check({ members: context.together } as never, context as ScanContext)) {
      const path = hit.where?.file ?? context.together[0]!.path;
      const found = more.get(path) ?? [];
      if (found.filter(({ rule: id }) => id === rule.id).length < context.limits.maxFindingsPerRule) {
        found.push(hitFinding(rule, hit, path));
      }
      more.set(path, found);
    }
  }
  return targets.map((target) => ({ ...target, findings: [...target.findings, ...(more.get(target.path) ?? [])] }));
}

/** The same over targets as they come: held back from the first that others may still add to. */
export function* joined(
  targets: Iterable<ScannedTarget>,
  context: Pick<ScanContext, "options" | "limits"> & { readonly together: Together },
): Generator<ScannedTarget> {
  const held: ScannedTarget[] = [];
  for (const target of targets) {
    if (context.together.length === 0) yield target;
    else held.push(target);
  }
  yield* joinedFindings(held, context);
}
