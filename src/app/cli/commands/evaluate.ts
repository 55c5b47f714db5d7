import type { EvaluateRequest, EvaluationReport } from "../../api/train/index.ts";
import { dataRequest, declareData } from "../data-flags.ts";
import { defineCommand } from "../define.ts";
import { count } from "../numbers.ts";
import { cell } from "../output.ts";
import type { Output } from "../output.ts";
import { trainApi } from "../rooms.ts";

interface EvaluateFlags extends Partial<Pick<EvaluateRequest, "loss" | "output" | "batch" | "threads">> {
  readonly require?: readonly string[];
}

export const evaluateCommand = defineCommand({
  id: "evaluate",
  title: "how good a model is on data: accuracy, loss, each class",
  examples: [
    "modelkeep evaluate trained.onnx --data mnist",
    'modelkeep evaluate trained.onnx --data mnist --limit 1000 --require "accuracy >= 0.97" --json',
    "modelkeep evaluate model.onnx --data table.csv --target label",
  ],
  declare: (command) =>
    declareData(
      command
        .argument("<model>", "an ONNX file")
        .requiredOption(
          "--data <data>",
          "mnist (its test part), a .npz, .npy, .csv, .jsonl, .parquet or IDX file, x.npy,y.npy, or a folder",
        ),
    )
      .option("--loss <name>", "cross-entropy, binary, mse, margin or kl (default: what fits the target)")
      .option("--output <name>", "the output that is looked at (default: the first float one)")
      .option("--batch <n>", "examples at once", count, 256)
      .option("--threads <n>", "threads of a run", count, 1)
      .option("--require <requirement...>", 'exit 1 unless it holds: "accuracy >= 0.97"'),
  async run({ output }, { args, flags }) {
    const { evaluateModel, checkRequired } = await trainApi();
    const { require: wanted = [], loss, output: scores, batch, threads } = flags as EvaluateFlags;
    const about = dataRequest(flags["data"] as string, flags);
    const report = await evaluateModel({
      ...about,
      model: args[0] as string,
      loss: loss ?? (about.task === "regression" ? "mse" : undefined),
      output: scores,
      batch,
      threads,
    });
    const required = wanted.map((text) => checkRequired(text, report));
    output.value(required.length === 0 ? report : { ...report, required });
    if (!output.json) print(output, report);
    for (const { text, value, met } of required) output.note(`${met ? "holds" : "missed"}: ${cell(text)} (${value})`);
    return required.every(({ met }) => met) ? 0 : 1;
  },
});

function print(output: Output, { perClass, ...report }: EvaluationReport): void {
  output.text(`${cell(report.data)}: ${report.n} examples`);
  for (const [name, value] of Object.entries(report))
    if (typeof value === "number" && name !== "n") output.text(`${name.padEnd(10)}${Number(value.toPrecision(6))}`);
  if (perClass.length === 0) return;
  output.table(perClass, [
    { title: "class", of: (row) => row.class },
    { title: "n", of: (row) => row.n },
    { title: "accuracy", of: (row) => row.accuracy.toFixed(4) },
    { title: "precision", of: (row) => row.precision?.toFixed(4) },
  ]);
}
