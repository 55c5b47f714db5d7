import type { Command as Commander } from "commander";
import type { CertifyReport } from "../../api/certify/index.ts";
import { defineCommand } from "../define.ts";
import { interruption } from "../interruption.ts";
import { count, number } from "../numbers.ts";
import { cell } from "../output.ts";
import type { Output } from "../output.ts";
import { certifyApi } from "../rooms.ts";
import { several } from "../words.ts";

export const certifyCommand = defineCommand({
  id: "certify",
  title: "prove how far answers hold: randomised smoothing, or bounds over the graph",
  examples: [
    "modelkeep certify model.onnx --sigma 0.25 --n 10000 --data mnist --limit 100",
    'modelkeep certify model.onnx --sigma 0.5 --data mnist --limit 500 --require "certified_accuracy@l2:0.5 >= 0.6"',
    "modelkeep certify model.onnx --method interval --threat linf:0.01,0.1 --data mnist --limit 1000",
    "modelkeep certify model.onnx --method zonotope --threat linf:0.03 --data x.npy,y.npy --json",
  ],
  declare,
  async run({ output, evidence }, { args, flags }) {
    const { certifyModel } = await certifyApi();
    const log = await evidence();
    const interrupt = interruption(output, "stopping: what was certified so far follows");
    try {
      const report = await certifyModel(
        {
          model: args[0] as string,
          ...(flags as { readonly data: string; readonly method: string; readonly out: string }),
          ...(flags as {
            readonly sigma: number;
            readonly n: number;
            readonly n0: number;
            readonly alpha: number;
            readonly seed: number;
          }),
          threats: flags["threat"] as readonly string[] | undefined,
          requirements: flags["require"] as readonly string[] | undefined,
        },
        { signal: interrupt.signal, tell: tell(output), evidence: log },
      );
      output.value(report);
      if (!output.json) print(output, report);
      return report.requirements.some(({ met }) => !met) ? 1 : report.size === 0 ? 3 : 0;
    } finally {
      interrupt.release();
    }
  },
});

function declare(command: Commander): void {
  command
    .argument("<model>", "an ONNX classifier")
    .requiredOption("--data <data>", "mnist, a file of arrays or a table, or x.npy,y.npy: examples with their right answers")
    .option("--labels <file>", "labels beside a file of inputs")
    .option("--target <name>", "the array or column that holds the right answers")
    .option("--limit <n>", "only the first so many examples", count)
    .option("--method <name>", "smoothing (any model, l2), interval or zonotope (linf)", "smoothing")
    .option("--sigma <deviation>", "of the noise, in input units (smoothing)", number, 0.25)
    .option("--n <draws>", "that count how often the class is said (smoothing)", count, 10_000)
    .option("--n0 <draws>", "that choose the class (smoothing)", count, 100)
    .option("--alpha <chance>", "that a certificate is wrong (smoothing)", number, 0.001)
    .option("--threat <norm:radii>", "radii to prove: linf:0.01,0.1 (interval, zonotope)", several)
    .option("--require <comparison>", "a threshold, repeatable: certified_accuracy@l2:0.5 >= 0.6", several)
    .option("--bounds <low,high>", "the range of a value (default: 0,1 or 0,255 by the data)")
    .option("--output <name>", "the output that classifies (default: the first float one)")
    .option("--seed <n>", "the same seed gives the same figures", number, 0)
    .option("--out <folder>", "where runs are kept", "runs");
}

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

function tell(output: Output): (done: number, of: number) => void {
  let last = Date.now();
  return (done, of) => {
    if (Date.now() - last < 5000) return;
    last = Date.now();
    output.note(`${done} of ${of} examples`);
  };
}

function print(output: Output, report: CertifyReport): void {
  for (const { requirement, met, reason } of report.requirements)
    output.text(`  ${met ? "✓" : "✗"} ${cell(requirement)}  ${cell(reason)}`);
  output.text(
    `${cell(report.model.file)}: ${share(report.cleanAccuracy)} of ${report.size} right, abstained on ${report.abstained}`,
  );
  for (const { norm, epsilon, accuracy } of report.curve)
    output.text(`  ${norm} ${epsilon}`.padEnd(14) + `${share(accuracy)} right and proven`);
  output.text(`  report        ${cell(`${report.folder}/report.html`)}`);
}
