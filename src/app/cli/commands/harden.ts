import type { Command as Commander } from "commander";
import { ModelkeepError } from "../../../base/error/index.ts";
import type { HardenReport, HardenRequest } from "../../api/harden/index.ts";
import type { Progress, TrainWays } from "../../api/train/index.ts";
import { dataRequest, declareData } from "../data-flags.ts";
import type { Flags } from "../data-flags.ts";
import { defineCommand } from "../define.ts";
import type {} from "../errors.ts";
import { interruption } from "../interruption.ts";
import { count, number } from "../numbers.ts";
import { cell } from "../output.ts";
import type { Output } from "../output.ts";
import { hardenApi } from "../rooms.ts";
import { tellTraining } from "../training.ts";
import { pick, recipeOf, runFlags, waysOf, weightFlags } from "../training-flags.ts";
import { several, words } from "../words.ts";
import { usage } from "../usage.ts";

export const hardenCommand = defineCommand({
  id: "harden",
  title: "train a model to stay right under attack: ONNX in, ONNX out, and what it cost",
  examples: [
    "modelkeep harden model.onnx --data mnist --method pgd --threat linf:0.3 --out hardened.onnx",
    "modelkeep harden model.onnx --data mnist --method trades --param beta=6 --threat linf:0.3 --out hardened.onnx",
    "modelkeep harden model.onnx --data x.npy,y.npy --method fast --threat linf:8/255 --epochs 15 --out hardened.onnx --json",
    "modelkeep harden --resume runs/20261128T104500-1f2e3d",
  ],
  declare,
  async run({ output, evidence }, { args, flags }) {
    const { hardenModel, resumeHardening } = await hardenApi();
    const log = await evidence();
    const interrupt = interruption(output, "ending after this step; the run can be resumed");
    const ways: TrainWays & { readonly evidence: typeof log } = {
      evidence: log,
      ...waysOf(flags),
      signal: interrupt.signal,
      tell: (progress: Progress) => tellTraining(output, progress),
    };
    const resume = flags["resume"] as string | undefined;
    try {
      const report =
        resume === undefined
          ? await hardenModel(requestOf(args[0] as string | undefined, flags), ways)
          : await resumeHardening(resume, ways);
      output.value(report);
      if (!output.json) print(output, report);
      if (report.stopped === "aborted") output.note(`ended early; go on with --resume ${cell(report.run)}`);
      if (report.stopped !== "diverged") return report.requirements.some(({ met }) => !met) ? 1 : 0;
      output.error(diverged(report));
      return 2;
    } finally {
      interrupt.release();
    }
  },
});

function declare(command: Commander): void {
  const steps = declareData(command)
    .argument("[model]", "an ONNX classifier, trained or not")
    .option("--data <data>", "mnist, a file of arrays or a table, or x.npy,y.npy")
    .option("--threat <norm:radius>", "what the model must bear: linf:0.3, linf:8/255, l2:1")
    .option("--out <file>", "where the hardened model goes")
    .option("--method <id>", "pgd, trades, fast or gradient-penalty", "pgd")
    .option("--steps <n>", "steps of the attack on each batch (pgd, trades)", count)
    .option("--step-size <size>", "length of such a step, in input units", number)
    .option("--param <name=value...>", "another setting of the method: beta=6, alignment=0.2, weight=1", words)
    .option("--ramp <share>", "share of all steps over which the radius rises from nothing (default: 0.25)", number)
    .option("--epochs <n>", "times that each example is seen (default: the method's)", count)
    .option("--batch <n>", "examples a step (default: the method's)", count)
    .option("--optimizer <name>", "sgd, adam or adamw (default: the method's)")
    .option("--lr <rate>", "peak learning rate (default: the method's)", number)
    .option("--schedule <name>", "constant, step, cosine, linear or one-cycle (default: the method's)")
    .option("--warmup <steps>", "steps until the learning rate is at its peak", count)
    .option("--weight-decay <rate>", "pull of weights to 0", number)
    .option("--clip <norm>", "largest norm of all gradients together", number)
    .option("--ema <decay>", "keep running averages of the weights instead, for example 0.999", number);
  const weights = weightFlags(steps)
    .option("--bounds <low,high>", "the range of a value (default: 0,1 or 0,255 by the data)")
    .option(
      "--require <comparison>",
      "a threshold for the short attack after, repeatable: robust_accuracy@linf:0.3 >= 0.85",
      several,
    )
    .option("--check <n>", "examples of the short attack before and after", count, 200)
    .option("--output <name>", "the output that classifies (default: the first float one)");
  runFlags(weights);
}

function requestOf(model: string | undefined, flags: Flags): HardenRequest {
  const { data, out, threat, method } = flags as Partial<Record<"data" | "out" | "threat", string>> & { readonly method: string };
  if (model === undefined)
    throw usage("there is no model to harden", "modelkeep harden model.onnx --data mnist --threat linf:0.3 --out hardened.onnx");
  if (data === undefined) throw usage("there is no data to learn from", "--data mnist, or a file");
  if (threat === undefined) throw usage("there is no threat to harden against", "--threat linf:0.3");
  if (out === undefined) throw usage("there is no place for the hardened model", "--out hardened.onnx");
  return {
    ...dataRequest(data, flags),
    model,
    out,
    threat,
    method,
    params: { ...pick(flags, ["steps", "stepSize"]), ...params((flags["param"] as readonly string[] | undefined) ?? []) },
    ...pick(flags, ["output", "fromScratch", "ramp", "bounds", "check"]),
    requirements: flags["require"] as readonly string[] | undefined,
    recipe: recipeOf(flags),
  };
}

/** `beta=6` */
function params(given: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    given.map((text) => {
      const [name = "", value, ...more] = text.split("=");
      if (value === undefined || more.length > 0) throw usage(`\`${cell(text)}\` is no setting`, "--param beta=6");
      return [name, number(value)];
    }),
  );
}

const diverged = ({ run }: HardenReport): ModelkeepError =>
  new ModelkeepError("train/diverged", {
    message: "the loss is no longer a number",
    hint: `lower --lr, raise --ramp, or add --clip 1; the run is in ${run}`,
    exit: 2,
  });

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

function print(output: Output, report: HardenReport): void {
  const { out, run, data, hardening, check, cleanCost, cost, stopped, steps } = report;
  for (const { requirement, met, reason } of report.requirements)
    output.text(`  ${met ? "✓" : "✗"} ${cell(requirement)}  ${cell(reason)}`);
  if (out !== null) output.text(`hardened  ${cell(out)}`);
  output.text(`run       ${cell(run)}`);
  output.text(`data      ${cell(data.name)}, ${data.n} examples, ${data.digest.slice(0, 19)}…`);
  output.text(
    `ended     after ${steps} steps and ${Math.round(cost.seconds)} s (${Math.round(cost.cpuSeconds)} s of processor): ${stopped}`,
  );
  if (check === undefined) return;
  const { before, after } = check;
  const { norm, epsilon } = hardening.threat;
  output.text(
    `clean     ${share(before.clean)} → ${share(after.clean)} of ${after.n}, cost ${(100 * cleanCost!).toFixed(1)} points`,
  );
  output.text(`attacked  ${share(before.robust)} → ${share(after.robust)} within ${norm} ${epsilon}, under a short attack`);
  output.text(`report    ${cell(`${run}/report.html`)}`);
  output.text(`judge it  modelkeep assess ${cell(out)} --data … --threat ${norm}:${epsilon} --attacks autoattack`);
}
