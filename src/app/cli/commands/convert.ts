import { defineCommand } from "../define.ts";
import { cell } from "../output.ts";
import { scanApi } from "../rooms.ts";

export const convertCommand = defineCommand({
  id: "convert",
  title: "weights of PyTorch, joblib or NumPy to safetensors, without running anything of them",
  examples: [
    "modelkeep convert weights.pt --to safetensors",
    "modelkeep convert arrays.npz --to safetensors",
    "modelkeep convert arrays.joblib --to safetensors --out arrays.safetensors --json",
  ],
  declare: (command) =>
    command
      .argument("<file>", "a file of torch.save (state dictionaries), joblib (arrays), numpy.save or numpy.savez")
      .requiredOption("--to <format>", "safetensors")
      .option("--out <file>", "where to write (default: the file's name with .safetensors)")
      .option("--replace", "replace the file that is there"),
  async run({ output }, { args, flags }) {
    if (flags["to"] !== "safetensors") {
      output.note(`error: \`${cell(flags["to"])}\` is no format that weights are converted to: safetensors`);
      return 4;
    }
    const from = args[0] as string;
    const to = (flags["out"] as string | undefined) ?? `${from.replace(/\.[A-Za-z0-9]{1,12}$/, "")}.safetensors`;
    const done = (await scanApi()).convertModel(from, { to, replace: flags["replace"] === true });
    output.value(done);
    output.text(`${done.tensors.length} tensors, ${done.sizeBytes} bytes: ${cell(done.to)}`);
    return 0;
  },
});
