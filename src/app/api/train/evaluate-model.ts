/** `modelkeep evaluate`: how good a model file is on data. */
import { evaluate } from "../../../model/train/index.node.ts";
import type { ClassFigures, LossName } from "../../../model/train/index.node.ts";
import { readModelAt } from "../model/read-file.ts";
import { digestOfSet, openSet } from "./open-set.ts";
import type { DataRequest } from "./open-set.ts";
import { schemaOf } from "./record.ts";

/** What is to be evaluated. */
export interface EvaluateRequest extends DataRequest {
  readonly model: string;
  readonly loss?: LossName | undefined;
  readonly output?: string | undefined;
  readonly batch?: number | undefined;
  readonly threads?: number | undefined;
}

/** Figures beside what they are of. */
export interface EvaluationReport {
  readonly model: string;
  readonly digest: string;
  readonly data: string;
  readonly dataDigest: string;
  readonly n: number;
  readonly lossName: LossName;
  /** `accuracy`, `loss`, `auc`, `rmse` and so on, whichever the loss has. */
  readonly [figure: string]: unknown;
  readonly perClass: readonly ClassFigures[];
}

/** @throws what reading model and data throw, and train/… */
export async function evaluateModel(request: EvaluateRequest): Promise<EvaluationReport> {
  const file = await readModelAt(request.model);
  const { set } = await openSet(request, "test", schemaOf(file.model));
  const { batch, threads, loss, output } = request;
  const {
    figures,
    perClass,
    n,
    loss: used,
  } = await evaluate({
    model: file.model,
    data: set,
    loss,
    output,
    ...(batch === undefined ? {} : { batch }),
    ...(threads === undefined ? {} : { threads }),
  });
  const about = { model: request.model, digest: file.digest, data: set.name, dataDigest: await digestOfSet(set) };
  return { ...about, n, lossName: used, ...figures, perClass };
}
