/** `modelkeep evaluate`: how good a model file is on data. */
import { evaluate } from "../../../model/train/index.node.ts";
import type { ClassFigures, LossName } from "../../../model/train/index.node.ts";
import { readWholeModelAt } from "../model/read-file.ts";
import { digestOfSet, openSet } from "./open-set.ts";
import type { DataRequest } from "./open-set.ts";
import { readingOf } from "./record.ts";
import { badData } from "./refuse.ts";
import { rememberedText } from "./remembered-text.ts";
import { asTokens, chooseText } from "./text.ts";
import type { TextRequest } from "./text.ts";

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

/**
 * The data is read as the model's record says: the same columns, classes and tokens.
 * @throws what reading model and data throw, and train/…
 */
export async function evaluateModel(request: EvaluateRequest): Promise<EvaluationReport> {
  const file = await readWholeModelAt(request.model);
  const { text: learnt, ...known } = readingOf(file.model);
  const { set } = await openSet(request, "test", known);
  const text =
    (await rememberedText(file.model, learnt, request.text)) ?? (await chooseText(file.model, set, wordless(request.text)));
  const seen = text === undefined ? { set } : asTokens(file.model, set, text);
  const { batch, threads, loss, output } = request;
  const {
    figures,
    perClass,
    n,
    loss: used,
  } = await evaluate({
    model: file.model,
    data: seen.set,
    ...("inputs" in seen ? { inputs: seen.inputs } : {}),
    loss,
    output,
    ...(batch === undefined ? {} : { batch }),
    ...(threads === undefined ? {} : { threads }),
  });
  const about = { model: request.model, digest: file.digest, data: set.name, dataDigest: await digestOfSet(set) };
  return { ...about, n, lossName: used, ...figures, perClass };
}

/** Words are numbered by the examples that were learnt from: a model that does not remember its own cannot be asked by words. */
function wordless(text: TextRequest | undefined): TextRequest | undefined {
  if (text?.tokenizer !== "words") return text;
  throw badData(
    "the model's file does not say which words it learnt",
    "evaluate a file that `modelkeep train --tokenizer words` wrote, or give a vocab.txt",
  );
}
