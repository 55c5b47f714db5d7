import type { Command as Commander } from "commander";
import type { AssessReport, AssessRequest } from "../../api/assess/index.ts";
import { tellAssessment } from "../assess-progress.ts";
import { defineCommand } from "../define.ts";
import { parseDuration } from "../duration.ts";
import { interruption } from "../interruption.ts";
import { count, number } from "../numbers.ts";
import { cell, percent } from "../output.ts";
import type { Output } from "../output.ts";
import { assessApi } from "../rooms.ts";
import { several, words } from "../words.ts";
import { usage } from "../usage.ts";

export const assessCommand = defineCommand({
  id: "assess",
  title: "attack a model, audit the attack, and say whether the model is robust, broken, or neither was shown",
  examples: [
    "modelkeep assess model.onnx --data mnist --limit 1000",
    'modelkeep assess model.onnx --data mnist --limit 1000 --threat linf:0.1 --require "robust_accuracy@linf:0.1 >= 0.60"',
    "modelkeep assess model.onnx --data x.npy,y.npy --attacks autoattack --threat linf:8/255 --json",
    "modelkeep assess https://host/v2/models/digits --data mnist --limit 100 --key file:key.txt --queries 5000",
    "modelkeep assess price.onnx --data houses.csv --target price --task regression --tolerance 5000",
    "modelkeep assess roads.onnx --data x.npy,pixels.npy --task segmentation --hold 90%",
    "modelkeep assess boxes.onnx --data x.npy,objects.npy --task detection --output boxes,scores",
    "modelkeep assess --compare before.onnx after.onnx --data mnist --limit 500",
    "modelkeep assess model.onnx --data mnist --limit 1000 --resume runs/20261128T104500-1f2e3d",
  ],
  declare,
  async run({ output, evidence }, { args, flags }) {
    const models = modelsOf(args[0] as readonly string[], flags["compare"] as boolean | undefined);
    const { assessModel } = await assessApi();
    const reports: AssessReport[] = [];
    const log = await evidence();
    const interrupt = interruption(output, "stopping: the report of what was learnt so far follows");
    try {
      for (const model of models) {
        reports.push(
          await assessModel(requestOf(model, flags), {
            signal: interrupt.signal,
            onEvent: tellAssessment(output, () => performance.now()),
            evidence: log,
          }),
        );
        if (interrupt.signal.aborted) break;
      }
    } finally {
      interrupt.release();
    }
    output.value(models.length === 1 ? reports[0] : { compared: reports });
    for (const report of reports) if (!output.json) print(output, report);
    if (!output.json && reports.length === 2) compare(output, reports);
    if (reports.some(({ stopped }) => stopped !== undefined)) {
      for (const { folder, stopped } of reports)
        if (stopped !== undefined) output.note(`ended early: ${stopped}; go on with --resume ${cell(folder)}`);
    }
    for (const { unwritten } of reports) if (unwritten !== undefined) output.note(`not all was kept: ${unwritten}`);
    if (interrupt.signal.aborted) return 130;
    if (reports.some(({ unwritten }) => unwritten !== undefined)) return 2;
    return reports.some(({ requirements }) => requirements.some(({ met }) => !met)) ? 1 : 0;
  },
});

function declare(command: Commander): void {
  command
    .argument("<models...>", "an ONNX file, or the address of a served model; with --compare, two")
    .requiredOption("--data <data>", "mnist, a file of arrays or a table, or x.npy,y.npy: examples with their right answers")
    .option("--labels <file>", "labels beside a file of inputs")
    .option("--target <name>", "the array or column that holds the right answers")
    .option("--key <reference>", "where the key for an address lies: file:PATH, env:NAME or stdin")
    .option("--queries <n>", "questions to an address in all (default: 5000)", count)
    .option("--limit <n>", "only the first so many examples", count)
    .option("--attacks <ids...>", "auto, or attacks by id: pgd,square; autoattack is its standard ensemble", words)
    .option("--threat <norm:radii>", "how far an attacker goes: linf:0.05,0.1,0.3; repeat for more norms", several)
    .option(
      "--require <comparison>",
      "a threshold, repeatable: robust_accuracy@linf:0.1 >= 0.60, clean_accuracy >= 0.97",
      several,
    )
    .option("--bounds <low,high>", "the range of a value (default: 0,1 or 0,255 by the data)")
    .option("--task <task>", "classification, regression, segmentation or detection", "classification")
    .option("--tolerance <far>", "regression: how far off an answer may be: 0.1, or 0.1,5 for each output, or l2:0.5")
    .option("--hold <share>", "segmentation: pixels that must be right (default: 75%); detection: objects found (default: all)")
    .option("--confidence <score>", "detection: the least score of a box that counts (default: 0.5)", number)
    .option("--boxes <form>", "detection: what the numbers of a box are, xyxy (corners, default) or cxcywh (centre and size)")
    .option("--output <names>", "the output that answers (default: the first float one); detection: boxes,scores")
    .option("--seed <n>", "the same seed gives the same figures on one machine", number, 0)
    .option("--budget <time>", "wall time in all, such as 10m; what is not done by then counts as not tried")
    .option("--compare", "assess two models with the same data and threats")
    .option("--resume <run>", "go on where this run stopped")
    .option("--out <folder>", "where runs are kept", "runs");
}

function modelsOf(models: readonly string[], compared: boolean | undefined): readonly string[] {
  const wanted = compared === true ? 2 : 1;
  if (models.length === wanted) return models;
  throw usage(
    `${models.length} models were given`,
    compared === true ? "--compare takes two: before.onnx after.onnx" : "give one, or two with --compare",
  );
}

function requestOf(model: string, flags: Readonly<Record<string, unknown>>): AssessRequest {
  const { data, labels, target, bounds, task, tolerance, hold, boxes, output, budget, resume, key, out } = flags as Record<
    "data" | "out",
    string
  > &
    Partial<
      Record<
        "labels" | "target" | "bounds" | "task" | "tolerance" | "hold" | "boxes" | "output" | "budget" | "resume" | "key",
        string
      >
    >;
  return {
    model,
    data,
    labels,
    target,
    bounds,
    task,
    tolerance,
    hold,
    boxes,
    confidence: flags["confidence"] as number | undefined,
    output,
    resume,
    key,
    out,
    queries: flags["queries"] as number | undefined,
    limit: flags["limit"] as number | undefined,
    attacks: flags["attacks"] as readonly string[] | undefined,
    threats: flags["threat"] as readonly string[] | undefined,
    requirements: flags["require"] as readonly string[] | undefined,
    seed: flags["seed"] as number | undefined,
    budgetMs: budget === undefined ? undefined : parseDuration(budget),
  };
}

function print(output: Output, report: AssessReport): void {
  if (report.requirements.length > 0) {
    output.text("THRESHOLDS");
    for (const { requirement, met, reason } of report.requirements)
      output.text(`  ${met ? "✓" : "✗"} ${cell(requirement)}  ${cell(reason)}`);
    output.text("");
  }
  const { cleanInterval: clean } = report;
  output.text(
    `${cell(report.model.file)}: ${percent(report.cleanAccuracy)} of ${report.size} right before any attack (95 %: ${percent(clean.low)} to ${percent(clean.high)})`,
  );
  if (report.holds !== undefined) output.text(`  ${report.task}: ${cell(report.holds)}`);
  for (const { norm, epsilon, robustAccuracy, interval, verdict, figures = [] } of report.threats) {
    output.text(
      `  ${norm} ${epsilon}`.padEnd(14) +
        `${verdict.padEnd(10)} ${percent(robustAccuracy)} right in the worst case (95 %: ${percent(interval.low)} to ${percent(interval.high)})`,
    );
    for (const { title, clean: before, attacked } of figures)
      output.text(
        `    ${cell(title)}: ${Number(before.toPrecision(3))} before any attack, ${Number(attacked.toPrecision(3))} under attack`,
      );
  }
  const failures = report.audit.filter(({ status }) => status === "failed");
  output.text(`  audit         ${report.audit.length - failures.length} of ${report.audit.length} checks hold`);
  for (const { check, message } of failures) output.text(`    ✗ ${check}: ${cell(message)}`);
  output.text(`  report        ${cell(`${report.folder}/report.html`)}`);
}

function compare(output: Output, [before, after]: readonly AssessReport[]): void {
  output.text("\nCOMPARED");
  output.text(`  clean         ${percent(before!.cleanAccuracy)} → ${percent(after!.cleanAccuracy)}`);
  for (const [at, threat] of before!.threats.entries()) {
    const other = after!.threats[at]!;
    output.text(
      `  ${threat.norm} ${threat.epsilon}`.padEnd(16) +
        `${percent(threat.robustAccuracy)} (${threat.verdict}) → ${percent(other.robustAccuracy)} (${other.verdict})`,
    );
  }
}
