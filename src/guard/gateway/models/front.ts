/** Defences of a served model: those that the configuration puts in front of it, and a detector that its file carries. */
import { readModel, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { GuardedContract } from "../read/guarded-contract.ts";

/** The rewrites, loaded when a model needs them: most do not. */
const rewrites = () => import("../../../lab/defend/index.node.ts");

/** The key under which `modelkeep defend` leaves its record in a file. */
const recordKey = "modelkeep.defence";

/**
 * The bytes that the runtime gets: those that were scanned and verified, or their graph with the defences in front. The rewrites are those of
 * `modelkeep defend`, so that `assess` of its file judges what is served here.
 * @throws registry/unknown · defend/bad-option · defend/unsupported-model
 */
export async function withDefences(bytes: Uint8Array, defences: readonly string[]): Promise<Uint8Array> {
  if (defences.length === 0) return bytes;
  const { defend, parseSpec } = await rewrites();
  return writeModel(defend(readModel(bytes), defences.map(parseSpec)));
}

/**
 * The contract without a detector's output, which is nobody's business, and with its threshold.
 * @throws defend/unsupported-model when the file's record cannot be read or does not fit its graph
 */
export async function withDetector(contract: GuardedContract, model: Model): Promise<GuardedContract> {
  if (!model.metadata.has(recordKey)) return contract;
  const detector = (await rewrites()).detectorOf(model);
  if (detector === undefined) return contract;
  const output = contract.outputs.find(({ name }) => name === detector.output)!;
  const outputs = contract.outputs.filter((other) => other !== output);
  return { ...contract, outputs, detector: { output, threshold: Math.fround(detector.threshold) } };
}

/** Every output that the graph has, a detector's among them: what the runtime is told. */
export const wholeContract = (contract: GuardedContract): GuardedContract =>
  contract.detector === undefined ? contract : { ...contract, outputs: [...contract.outputs, contract.detector.output] };
