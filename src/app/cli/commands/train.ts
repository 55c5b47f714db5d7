import type { Command as Commander } from "commander";
import { ModelkeepError } from "../../../base/error/index.ts";
import type { TrainReport, TrainRequest, TrainWays } from "../../api/train/index.ts";
import { dataRequest, declareData } from "../data-flags.ts";
import type { Flags } from "../data-flags.ts";
import { defineCommand } from "../define.ts";
import type {} from "../errors.ts";
import { count, number } from "../numbers.ts";
import { cell } from "../output.ts";
import type { Output } from "../output.ts";
import { trainApi } from "../rooms.ts";
import { tellTraining } from "../training.ts";
import { pick, recipeOf, runFlags, waysOf, weightFlags } from "../training-flags.ts";
import { words } from "../words.ts";
import { usage } from "../usage.ts";

export const trainCommand = defineCommand({
  id: "train",
  title: "train a model on data: ONNX in, ONNX out",
  examples: [
    "modelkeep train arch.onnx --data mnist --epochs 5 --optimizer adamw --out trained.onnx",
    "modelkeep train arch.onnx --data mnist --from-scratch --schedule one-cycle --lr 3e-3 --validation 0.1 --patience 3 --out trained.onnx",
    "modelkeep train net.onnx --data table.parquet --target label --task regression --out trained.onnx",
    "modelkeep train mlp.onnx --data people.csv --target income --missing fill --standardize --out trained.onnx",
    "modelkeep train text.onnx --data mails/ --tokenizer words --validation 0.1 --out spam.onnx",
    "modelkeep train resnet.onnx --data photos/ --resize 32x32 --replace batch-norm=group-norm --out trained.onnx",
    "modelkeep train backbone.onnx --data x.npy,y.npy --freeze 'backbone.*' --from-scratch 'head.*' --out tuned.onnx",
    "modelkeep train --resume runs/20261128T104500-1f2e3d",
  ],
  declare,
  async run({ output }, { args, flags }) {
    const { trainModel, resumeTraining } = await trainApi();
    const ways: TrainWays = {
      ...waysOf(flags),
      tell: (progress) => tellTraining(output, progress),
    };
    const resume = flags["resume"] as string | undefined;
    const report =
      resume === undefined
        ? await trainModel(requestOf(args[0] as string | undefined, flags), ways)
        : await resumeTraining(resume, ways);
    output.value(report);
    if (!output.json) print(output, report);
    if (report.stopped !== "diverged") return 0;
    output.error(diverged(report));
    return 2;
  },
});

function declare(command: Commander): void {
  const taken = command
    .argument("[model]", "an ONNX file; `modelkeep model new` makes one")
    .option(
      "--data <data>",
      "mnist, a .npz, .npy, .csv, .jsonl, .parquet or IDX file, x.npy,y.npy, or a folder with a subfolder for each class",
    );
  const steps = declareData(taken)
    .option("--out <file>", "where the trained model goes")
    .option("--epochs <n>", "times that each example is seen", count, 10)
    .option("--batch <n>", "examples a step", count, 64)
    .option("--optimizer <name>", "sgd, adam or adamw", "adamw")
    .option("--lr <rate>", "peak learning rate (default: the optimiser's)", number)
    .option("--momentum <share>", "for sgd (default: 0.9)", number)
    .option("--nesterov", "look ahead, for sgd")
    .option("--schedule <name>", "constant, step, cosine, linear or one-cycle", "constant")
    .option("--warmup <steps>", "steps until the learning rate is at its peak", count)
    .option("--weight-decay <rate>", "pull of weights to 0 (default: 0.01 for adamw, else 0)", number)
    .option("--clip <norm>", "largest norm of all gradients together", number)
    .option("--clip-value <size>", "largest size of each gradient", number)
    .option("--ema <decay>", "keep running averages of the weights instead, for example 0.999", number)
    .option("--loss <name>", "cross-entropy, binary, mse, margin or kl (default: what fits the target)")
    .option("--label-smoothing <share>", "share of each label that is spread over all classes", number)
    .option("--balance", "each class has the same say, however many examples it has")
    .option("--validation <data>", "a share to keep apart (0.1), or data of its own")
    .option("--patience <epochs>", "stop after so many epochs without improvement", count);
  const weights = weightFlags(steps)
    .option(
      "--replace <rules...>",
      "rewrites the graph first: batch-norm=group-norm, so that no example influences another",
      words,
    )
    .option(
      "--standardize",
      "brings each column of numbers to mean 0 and deviation 1, inside the graph: the trained file takes them as measured",
    )
    .option("--output <name>", "the output that the loss is taken of (default: the first float one)");
  runFlags(weights);
}

function requestOf(model: string | undefined, flags: Flags): TrainRequest {
  const { data, out, validation } = flags as Partial<Record<"data" | "out" | "validation", string>>;
  if (model === undefined) throw usage("there is no model to train", "modelkeep train arch.onnx --data mnist --out trained.onnx");
  if (data === undefined) throw usage("there is no data to learn from", "--data mnist, or a file");
  if (out === undefined) throw usage("there is no place for the trained model", "--out trained.onnx");
  const about = dataRequest(data, flags);
  const share = validation === undefined ? Number.NaN : Number(validation);
  return {
    ...about,
    model,
    out,
    ...pick(flags, ["output", "fromScratch", "replace", "standardize"]),
    validation: Number.isNaN(share) ? validation : share,
    recipe: {
      epochs: flags["epochs"] as number,
      ...recipeOf(flags),
      ...pick(flags, ["momentum", "nesterov", "clipValue", "labelSmoothing", "balance", "patience"]),
      ...lossOf(flags["loss"] as string | undefined, about.task),
    },
  };
}

/** A regression is learnt by squares, whatever type its numbers have. Which losses there are, the trainer says. */
const lossOf = (loss: string | undefined, task: string | undefined): Partial<TrainRequest["recipe"]> =>
  loss === undefined ? (task === "regression" ? { loss: "mse" } : {}) : ({ loss } as Partial<TrainRequest["recipe"]>);

const diverged = ({ run, epochs }: TrainReport): ModelkeepError =>
  new ModelkeepError("train/diverged", {
    message: `the loss grows without bound, or is no longer a number; ${epochs.length === 0 ? "nothing was learnt before" : "the best weights before that were kept"}`,
    hint: `lower --lr, add --warmup 100 or --clip 1; the run is in ${run}`,
    exit: 2,
  });

const figure = (value: number): string => Number(value.toPrecision(4)).toString();

function print(output: Output, report: TrainReport): void {
  const { out, run, best, steps, stopped, seconds, data } = report;
  if (out !== null) output.text(`trained   ${cell(out)}`);
  output.text(`run       ${cell(run)}`);
  output.text(`data      ${cell(data.name)}, ${data.n} examples, ${data.digest.slice(0, 19)}…`);
  output.text(`ended     after ${steps} steps and ${Math.round(seconds)} s: ${stopped}`);
  if (best !== null)
    output.text(
      `best      epoch ${best.epoch + 1}, loss ${figure(best.loss)}${best.validation === undefined ? "" : `, validation ${cell(JSON.stringify(best.validation))}`}`,
    );
}
