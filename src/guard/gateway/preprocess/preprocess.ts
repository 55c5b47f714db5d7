import type { Json } from "../../../base/evidence/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import type { GuardedContract } from "../read/guarded-contract.ts";
import type { PreprocessConfig } from "./config.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** What a request was turned into for the model. */
export interface Prepared {
  readonly inputs: Tensors;
  /** Time that it took; charged as the model's own. */
  readonly ms: number;
  /** For the log: what was done, and nothing of what was read. */
  readonly detail: Json;
}

/** Stands between what clients send and what the model takes. */
export interface Preprocess {
  /** What clients send: the model's contract with other inputs. */
  readonly contract: GuardedContract;
  /**
   * @param leftMs what the request's deadline leaves
   * @param spent told the time of work that came to nothing
   */
  prepare(inputs: Tensors, leftMs: number, spent: (ms: number) => void): Promise<Prepared>;
  close(): Promise<void>;
}

/**
 * Opens what a model's `preprocess` names. Loaded only then: what it stands on is large.
 * @throws models/bad-preprocess when the model does not take what it makes · defend/no-ocr-models
 */
export async function openPreprocess(config: PreprocessConfig, contract: GuardedContract, baseDir: string): Promise<Preprocess> {
  const { openMailPreprocess } = await import("./mail.ts");
  return openMailPreprocess(config, contract, baseDir);
}
