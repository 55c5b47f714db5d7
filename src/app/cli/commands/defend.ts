import type { Command as Commander } from "commander";
import type { DefendReport, DefendRequest } from "../../api/defend/index.ts";
import { defineCommand } from "../define.ts";
import { interruption } from "../interruption.ts";
import { count, number } from "../numbers.ts";
import { cell, percent } from "../output.ts";
import type { Output } from "../output.ts";
import { defendApi } from "../rooms.ts";
import { usage } from "../usage.ts";
import { several } from "../words.ts";

export const defendCommand = defineCommand({
  id: "defend",
  title: "build defences into a model's file, and tell what they cost and what they give against an attacker who knows them",
  examples: [
    "modelkeep defend model.onnx --defence squeeze:bits=3 --out defended.onnx",
    "modelkeep defend model.onnx --defence jpeg:quality=60 --defence median:size=3 --data mnist --threat linf:0.1 --out defended.onnx",
    "modelkeep defend model.onnx --detector squeeze:bits=1 --fpr 0.05 --data mnist --out guarded.onnx --json",
    "modelkeep defend model.onnx --with other.onnx --data x.npy,y.npy --out ensemble.onnx",
  ],
  declare,
  async run({ output, evidence }, { args, flags }) {
    const { defendModel } = await defendApi();
    const log = await evidence();
    const interrupt = interruption(output, "stopping: what was measured so far counts");
    try {
      const report = await defendModel(requestOf(args[0] as string, flags), {
        signal: interrupt.signal,
        evidence: log,
        onEvent: (event) => event.kind === "step" && output.note(event.what),
      });
      output.value(report);
      if (!output.json) print(output, report);
      return interrupt.signal.aborted ? 130 : 0;
    } finally {
      interrupt.release();
    }
  },
});

function declare(command: Commander): void {
  command
    .argument("<model>", "an ONNX classifier")
    .option("--out <file>", "where the defended model goes")
    .option(
      "--defence <name:settings>",
      "squeeze:bits=3, median:size=3 or jpeg:quality=75; repeat for more, the first meets an input first",
      several,
    )
    .option("--detector <name:settings>", "squeeze:bits=3 or noise:sigma=0.1: refuses inputs that it suspects")
    .option("--fpr <share>", "of harmless inputs that the detector may refuse", number, 0.05)
    .option("--confidence <share>", "that it refuses no more than that", number, 0.95)
    .option("--with <models...>", "other models: the answer is the mean of all")
    .option(
      "--data <data>",
      "mnist, a file of arrays or a table, or x.npy,y.npy: calibrates the detector, measures cost and gain",
    )
    .option("--labels <file>", "labels beside a file of inputs")
    .option("--target <name>", "the array or column that holds the right answers")
    .option("--limit <n>", "only the first so many examples", count)
    .option("--threat <norm:radius>", "how far an attacker goes (default: linf, a tenth of the range of a value)")
    .option("--check <n>", "examples that are attacked; the others calibrate the detector", count, 100)
    .option("--bounds <low,high>", "the range of a value (default: 0,1 or 0,255 by the data)")
    .option("--output <name>", "the output that classifies (default: the first float one)")
    .option("--seed <n>", "the same seed gives the same figures on one machine", number, 0)
    .option("--runs <folder>", "where runs are kept", "runs");
}

function requestOf(model: string, flags: Readonly<Record<string, unknown>>): DefendRequest {
  const { out, defence, ...rest } = flags as Omit<DefendRequest, "model" | "out" | "defences"> & {
    readonly out?: string;
    readonly defence?: readonly string[];
  };
  if (out === undefined) throw usage("there is no place for the defended model", "--out defended.onnx");
  return { ...rest, model, out, defences: defence };
}

function print(output: Output, { out, record, measured }: DefendReport): void {
  output.text(`defended  ${cell(out.file)}`);
  const { detector, defences, ensemble } = record;
  if (ensemble !== undefined) output.text(`ensemble  of ${ensemble.members}`);
  if (defences.length > 0)
    output.text(`in front  ${cell(defences.map(({ id, params }) => `${id} ${JSON.stringify(params)}`).join(", "))}`);
  if (detector !== undefined) {
    const { bound, confidence, exceeding, n } = detector.calibration;
    output.text(
      `detector  ${cell(detector.id)} above ${Number(detector.threshold.toPrecision(4))}: at most ${percent(bound)} of harmless inputs refused, with confidence ${percent(confidence)} (${exceeding} of ${n} were)`,
    );
  }
  if (measured === undefined) {
    output.text("measured  nothing: give --data to learn what it costs and what it gives");
    return;
  }
  const { before, after, threat, cleanCost, folder } = measured;
  const { norm, epsilon } = threat;
  output.text(
    `clean     ${percent(before.clean)} → ${percent(after.clean)} of ${after.n}, cost ${(100 * cleanCost).toFixed(1)} points`,
  );
  output.text(
    `attacked  ${percent(before.robust)} → ${percent(after.robust)} within ${norm} ${epsilon}, by attacks that know the defence`,
  );
  output.text(`verdict   ${after.verdict}: ${cell(after.reasons[0] ?? "")}`);
  output.text(`report    ${cell(`${folder}/report.html`)}`);
}
