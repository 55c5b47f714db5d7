import { canonicalJson, digestOf, utf8 } from "../../base/crypto/index.ts";
import type { Json } from "../../base/evidence/index.ts";
import type { HostConfig } from "./load-config.ts";

/**
 * What the entry of a start says of the configuration: a digest of every effective value, and those that are not defaults. A change takes
 * effect with a start, so two such entries show what changed between them. Secrets are in neither: the configuration only refers to them.
 */
export function configEvidence({ value, file, explain }: Pick<HostConfig, "value" | "file" | "explain">): {
  [key: string]: Json;
} {
  const set = explain().filter(({ origin }) => origin.kind !== "default");
  return {
    digest: digestOf(utf8(canonicalJson(value))),
    file: file ?? null,
    set: Object.fromEntries(set.map(({ path, value: to }) => [path, to as Json])),
  };
}
