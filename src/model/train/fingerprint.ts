/** What a checkpoint belongs to. */
import { ModelkeepError } from "../../base/error/index.ts";
import { canonicalJson, formatDigest, sha256 } from "../../base/crypto/index.ts";
import type { Dataset } from "../data/index.ts";
import type {} from "./errors.ts";
import type { PreparedModel } from "./prepared.ts";
import type { Settings } from "./settings.ts";
import type { Checkpoint } from "./types.ts";

/** Digest of what a result hangs on beside the values of weights and data: the graph, the recipe, the shape of the data. */
export function fingerprintOf({ model, weights, frozen }: PreparedModel, settings: Settings, data: Dataset): string {
  const { graph } = model;
  const facts = {
    nodes: graph.nodes.map(({ op, domain, inputs, outputs }) => [op, domain, inputs, outputs]),
    weights: [...weights.keys()].map((name) => [name, graph.initializers.get(name)!.dims]),
    frozen,
    recipe: JSON.parse(JSON.stringify(settings)) as unknown,
    data: { size: data.size ?? null, fields: data.fields.map(({ name, type, dims }) => [name, type, dims]) },
  };
  return formatDigest(sha256(new TextEncoder().encode(canonicalJson(facts as never))));
}

/** @throws train/bad-checkpoint */
export function isOf({ fingerprint }: Checkpoint, expected: string): void {
  if (fingerprint === expected) return;
  throw new ModelkeepError("train/bad-checkpoint", {
    message: "the checkpoint belongs to another model, other data or other settings",
    hint: "resume with the command that the run's manifest.json names, or start a new run",
    exit: 4,
    status: 400,
  });
}
