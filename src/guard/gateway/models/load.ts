import { basename } from "node:path";
import { toModelkeepError } from "../../../base/error/index.ts";
import type { ModelkeepError } from "../../../base/error/index.ts";
import { aboutModel, contractOf, costOf, foreignFile, readModel } from "../../../model/onnx/index.ts";
import type { ModelAbout } from "../../../model/onnx/index.ts";
import { tightenContract } from "../read/contract-config.ts";
import type { RowVerdict, Runtime } from "../../../model/runtime/index.node.ts";
import type { Admission } from "./admission.ts";
import { bundledDigests } from "./bundled.ts";
import { wholeContract, withDefences, withDetector } from "./front.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import { openPreprocess } from "../preprocess/preprocess.ts";
import { hostile } from "./refusals.ts";
import type { GuardedContract } from "../read/guarded-contract.ts";
import { readExternalData, readModelFile, type ModelFile } from "./read.ts";
import type { Candidate } from "./scan.ts";
import type { ServedModel } from "./models.ts";
import { Served } from "./served.ts";
import type { Unseal } from "./unseal.ts";

/** A file that passed the gate, as it stood with this stamp. */
export interface Gated {
  readonly stamp: string;
  readonly file: ModelFile;
  readonly contract: GuardedContract;
  readonly about: ModelAbout;
}

export interface LoadParts {
  readonly runtime: Runtime;
  readonly gatekeeper: Gatekeeper;
  readonly unseal: Unseal;
  /** Folder that relative paths of the configuration start from. */
  readonly baseDir: string;
  readonly gated?: Gated | undefined;
}

/** A file that was read and is not served: what it was, and why. */
export interface RefusedFile {
  readonly error: ModelkeepError;
  readonly digest: string;
  readonly admission: Admission;
}

/**
 * The gate: bytes once, signature and scan over them, parsed by our own reader, its contract and static cost known, and only then given
 * to ONNX Runtime, which loads it first in a capped child. Undefined when the file is the one with `servingDigest`.
 */
export async function loadCandidate(
  candidate: Candidate,
  servingDigest: string | undefined,
  { runtime, gatekeeper, unseal, gated, baseDir }: LoadParts,
): Promise<Served | RefusedFile | undefined> {
  const { name, version, path, source } = candidate;
  const known = gated?.stamp === candidate.stamp ? gated : undefined;
  const read = known?.file ?? (await unseal(path, await readModelFile(path)));
  if (read.digest === servingDigest) return undefined;

  const external = await readExternalData(path, source.externalData, unseal);
  const { file, admission, error } = await gatekeeper.admit(candidate, { file: read, external });
  const { bytes, digest } = file;
  if (error !== undefined) return { error, digest, admission };
  try {
    const { contract, about } = known ?? (await gate(candidate, file));
    if (admission.scan === "unfinished") throw hostile(path, undefined);
    const externalData = new Map([...external].map(([location, one]) => [location, one.bytes]));
    const isolation = isTrusted(candidate, file) ? ("worker" as const) : ("process" as const);
    const runner = await runtime.load({
      name: `${name}/${version}`,
      bytes: await withDefences(bytes, source.defences),
      contract: wholeContract(contract),
      isolation,
      externalData,
    });
    const batchBy = batchedBy(source.batchBy, isolation, runner.stats.batching);
    const digests = new Map([...external].map(([location, one]) => [location, one.digest]));
    const rest = { isolation, runner, batchBy, admission, about, external: digests };
    const parts = { name, version, path, source, digest, ...rest };
    if (source.preprocess === undefined) return new Served({ ...parts, contract, preprocess: undefined });
    const preprocess = await openPreprocess(source.preprocess, contract, baseDir).catch(async (thrown: unknown) => {
      await runner.close();
      throw thrown;
    });
    return new Served({ ...parts, contract: preprocess.contract, preprocess });
  } catch (thrown) {
    return { error: toModelkeepError(thrown), digest, admission };
  }
}

/** Everything that is known of a file before ONNX Runtime sees it; throws what keeps it from being served. */
export async function gate({ path, source }: Candidate, { bytes }: ModelFile): Promise<Pick<Gated, "contract" | "about">> {
  foreignFile(bytes, basename(path));
  const model = readModel(bytes);
  const externalData = new Map(Object.entries(source.externalData).map(([location, digest]) => [location, { digest }]));
  costOf(model, { externalData });
  const contract = tightenContract({ ...contractOf(model), maxBatch: source.maxBatch }, source.contract);
  return { contract: await withDetector(contract, model), about: aboutModel(model) };
}

function isTrusted({ source }: Candidate, { digest, sealed }: ModelFile): boolean {
  if (source.isolation === "process") return false;
  if (sealed !== undefined && source.trust.includes(sealed.digest)) return true;
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
