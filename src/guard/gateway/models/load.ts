import { basename } from "node:path";
import { contractOf, costOf, foreignFile, readModel } from "../../../model/onnx/index.ts";
import { tightenContract } from "../read/contract-config.ts";
import type { Runtime } from "../../../model/runtime/index.node.ts";
import { bundledDigests } from "./bundled.ts";
import { readExternalData, readModelFile } from "./read.ts";
import type { Candidate } from "./scan.ts";
import { Served } from "./served.ts";

/**
 * The gate: bytes once, parsed by our own reader, its contract and static cost known, and only then given to ONNX Runtime, which
 * loads it first in a capped child. Undefined when the file is the one with `servingDigest`.
 */
export async function loadCandidate(
  candidate: Candidate,
  servingDigest: string | undefined,
  runtime: Runtime,
): Promise<Served | undefined> {
  const { name, version, path, source } = candidate;
  const { bytes, digest } = await readModelFile(path);
  if (digest === servingDigest) return undefined;

  foreignFile(bytes, basename(path));
  const model = readModel(bytes);
  costOf(model);
  const contract = tightenContract({ ...contractOf(model), maxBatch: source.maxBatch }, source.contract);
  const externalData = await readExternalData(path, source.externalData);
  const isolation = isTrusted(candidate, digest) ? "worker" : "process";
  const runner = await runtime.load({ name: `${name}/${version}`, bytes, contract, isolation, externalData });
  return new Served({ name, version, path, source, digest, contract, isolation, runner });
}

function isTrusted({ source }: Candidate, digest: string): boolean {
  if (source.isolation === "process") return false;
  return bundledDigests.has(digest) || source.trust.includes(digest);
}
