/**
 * Checkpoints as bytes: a .npz of all tensors as `t0`, `t1`, … and `meta`, UTF-8 JSON with everything else and the tensors' names. The archive's
 * CRCs tell a damaged one.
 */
import { ModelkeepError, isModelkeepError } from "../../base/error/index.ts";
import { openNpz, writeNpz } from "../data/index.ts";
import type { Tensor } from "../onnx/index.ts";
import type {} from "./errors.ts";
import type { Checkpoint } from "./types.ts";

/** Layout of these bytes. */
const format = 1;

/** A checkpoint as bytes. */
export async function writeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array> {
  const { state, ...rest } = checkpoint;
  const names = Object.keys(state);
  const json = JSON.stringify({ format, names, ...rest, bestScore: rest.bestScore ?? null });
  const meta = new TextEncoder().encode(json);
  return writeNpz([
    ["meta", { type: "uint8", dims: [meta.length], data: meta }],
    ...names.map((name, i) => [`t${i}`, state[name]! as never] as const),
  ]);
}

/**
 * A checkpoint from bytes.
 * @param file how messages name it
 * @throws train/bad-checkpoint
 */
export async function readCheckpoint(bytes: Uint8Array, file: string): Promise<Checkpoint> {
  try {
    const archive = openNpz(bytes, file);
    const meta = JSON.parse(new TextDecoder().decode((await archive.read("meta")).data)) as Checkpoint & {
      readonly format: number;
      readonly names: readonly string[];
      readonly bestScore: number | null;
    };
    if (meta.format !== format || !Array.isArray(meta.names) || typeof meta.fingerprint !== "string") throw damaged(file);
    const state: Record<string, Tensor> = {};
    for (const [i, name] of meta.names.entries()) state[name] = await archive.read(`t${i}`);
    const { fingerprint, epoch, step, stepOfEpoch, lossSum, history, sinceBest, trend } = meta;
    const bestScore = meta.bestScore ?? undefined;
    return { fingerprint, epoch, step, stepOfEpoch, lossSum, history, sinceBest, trend, bestScore, state };
  } catch (cause) {
    if (isModelkeepError(cause) && cause.code === "train/bad-checkpoint") throw cause;
    throw damaged(file, cause);
  }
}

const damaged = (file: string, cause?: unknown): ModelkeepError =>
  new ModelkeepError("train/bad-checkpoint", {
    message: `\`${file}\` is no checkpoint, or a damaged one`,
    hint: "start a new run; a checkpoint is replaced only by a whole one",
    exit: 2,
    cause,
  });
