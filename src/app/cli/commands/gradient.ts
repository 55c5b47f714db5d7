import { quote } from "../../../base/error/index.ts";
import type { LossName } from "../../../model/autodiff/index.ts";
import { defineCommand } from "../define.ts";
import { modelApi } from "../rooms.ts";
import { cell } from "../output.ts";
import { words } from "../words.ts";
import { usage } from "../usage.ts";

export const gradientCommand = defineCommand({
  id: "gradient",
  title: "gradients of a loss by inputs and weights, one .npy for each tensor",
  examples: [
    "modelkeep gradient model.onnx --data x.npy --labels y.npy --out grads/",
    "modelkeep gradient model.onnx --data x.npy --labels y.npy --wrt x,fc.weight --out grads/",
    "modelkeep gradient model.onnx --data x.npy --loss sum --wrt all --out grads/ --json",
    "modelkeep gradient model.onnx --data ids=a.npy,mask=b.npy --labels y.npy --wrt embedding.weight --out grads/",
  ],
  declare: (command) =>
    command
      .argument("<model>", "an ONNX file")
      .requiredOption("--data <file>", "the input as .npy; of several inputs, a=x.npy,b=y.npy")
      .option("--labels <file>", "class numbers or targets as .npy, one for each row")
      .option("--loss <loss>", "cross-entropy, mse, dlr, margin or sum", "cross-entropy")
      .option("--wrt <tensors...>", "inputs and weights by name, or all (default: the float inputs)", words)
      .option("--output <name>", "the output that the loss is taken of (default: the first float output)")
      .requiredOption("--out <folder>", "where the .npy files go; / and : in a name become _"),
  async run({ output }, { args, flags }) {
    const {
      data,
      labels,
      wrt,
      out,
      output: of,
    } = flags as Record<"data" | "out", string> &
      Partial<Record<"labels" | "output", string>> & { readonly wrt?: readonly string[] };
    const report = await (
      await modelApi()
    ).computeGradients({
      model: args[0] as string,
      data,
      labels,
      loss: await lossOf(flags["loss"] as string),
      wrt: wrt?.length === 1 && wrt[0] === "all" ? "all" : wrt,
      output: of,
      out,
    });
    output.value(report);
    output.text(`loss ${report.loss}`);
    for (const { tensor, file, dims, norm } of report.gradients)
      output.text(`${cell(tensor)}  [${dims.join(",")}]  norm ${norm.toPrecision(6)}  ${cell(file)}`);
    for (const [tensor, reason] of Object.entries(report.skipped)) output.note(`left out ${cell(tensor)}: ${cell(reason)}`);
    for (const { node, kind, reason } of report.broken) output.note(`${kind} at ${cell(node)}: ${cell(reason)}`);
    return 0;
  },
});

async function lossOf(name: string): Promise<LossName> {
  const { lossNames } = await import("../../../model/autodiff/index.ts");
  const found = lossNames.find((loss) => loss === name);
  if (found !== undefined) return found;
  throw usage(`${quote(name)} is no loss`, lossNames.join(", "));
}
