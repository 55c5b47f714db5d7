import { basename } from "node:path";
import { contractOf, costOf, foreignFile, readModel } from "../../../model/onnx/index.ts";
import { tightenContract } from "../read/contract-config.ts";
import type { RowVerdict, Runtime } from "../../../model/runtime/index.node.ts";
import { bundledDigests } from "./bundled.ts";
import type { GuardedContract } from "../read/guarded-contract.ts";
import { readExternalData, readModelFile, type ModelFile } from "./read.ts";
import type { Candidate } from "./scan.ts";
import type { ServedModel } from "./models.ts";
import { Served } from "./served.ts";

/** A file that passed the gate, as it stood with this stamp. */
export interface Gated {
  readonly stamp: string;
  readonly file: ModelFile;
  readonly contract: GuardedContract;
}

/**
 * The gate: bytes once, parsed by our own reader, its contract and static cost known, and only then given to ONNX Runtime, which
 * loads it first in a capped child. Undefined when the file is the one with `servingDigest`.
 */
export async function loadCandidate(
  candidate: Candidate,
  servingDigest: string | undefined,
  { runtime, gated }: { readonly runtime: Runtime; readonly gated?: Gated | undefined },
): Promise<Served | undefined> {
  const { name, version, path, source } = candidate;
  const known = gated?.stamp === candidate.stamp ? gated : undefined;
  const file = known?.file ?? (await readModelFile(path));
  const { bytes, digest } = file;
  if (digest === servingDigest) return undefined;

  const contract = known?.contract ?? gate(candidate, file);
  const externalData = await readExternalData(path, source.externalData);
  const isolation = isTrusted(candidate, digest) ? "worker" : "process";
  const runner = await runtime.load({ name: `${name}/${version}`, bytes, contract, isolation, externalData });
  const batchBy = batchedBy(source.batchBy, isolation, runner.stats.batching);
  return new Served({ name, version, path, source, digest, contract, isolation, runner, batchBy });
}

/** Everything that is known of a file before ONNX Runtime sees it; throws what keeps it from being served. */
export function gate({ path, source }: Candidate, { bytes }: ModelFile): GuardedContract {
  foreignFile(bytes, basename(path));
  const model = readModel(bytes);
  const externalData = new Map(Object.entries(source.externalData).map(([location, digest]) => [location, { digest }]));
  costOf(model, { externalData });
  return tightenContract({ ...contractOf(model), maxBatch: source.maxBatch }, source.contract);
}

function isTrusted({ source }: Candidate, digest: string): boolean {
  if (source.isolation === "process") return false;
  return bundledDigests.has(digest) || source.trust.includes(digest);
}

/**
 * Whose rows may share a run. A model that nobody vouches for, and whose graph does not prove that it keeps rows apart, could have been built
 * to mix them for inputs that no trial draws: each principal's rows then run only beside its own.
 */
export function batchedBy(
  asked: ServedModel["batchBy"],
  isolation: ServedModel["isolation"],
  batching: RowVerdict,
): ServedModel["batchBy"] {
  return isolation === "process" && batching.independent && !batching.proven ? "principal" : asked;
}
