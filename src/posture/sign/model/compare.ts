import { quote } from "../../../base/error/index.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import type { ModelManifest } from "./manifest.ts";

/** What was found on disk: digests by the manifest's names. */
export type Found = ReadonlyMap<string, string>;

/**
 * Every difference between what was signed and what is there (Model Signing v1.0, section 8.4). A file of several shards is named once.
 */
export function differences(
  { resources }: Pick<ModelManifest, "resources">,
  found: Found,
  pathOf: (name: string) => string,
): Reason[] {
  const signed = new Map(resources.map(({ name, digest }) => [name, digest]));
  const paths = new Set(resources.map(({ path }) => path));
  const there = new Set([...found.keys()].map(pathOf));
  const reasons = new Map<string, Reason>();
  const say = (code: "missing-file" | "extra-file" | "changed-file", path: string, what: string): void => {
    if (!reasons.has(path)) reasons.set(path, reason(code, `${quote(path, 160)} ${what}`, path));
  };
  for (const [name, digest] of signed) {
    const path = pathOf(name);
    if (!there.has(path)) say("missing-file", path, "was signed and is not there");
    else if (found.get(name) !== digest) say("changed-file", path, "is not what was signed");
  }
  for (const name of found.keys()) {
    const path = pathOf(name);
    if (!paths.has(path)) say("extra-file", path, "was not signed");
    else if (!signed.has(name)) say("changed-file", path, "is not what was signed");
  }
  return [...reasons.values()];
}
