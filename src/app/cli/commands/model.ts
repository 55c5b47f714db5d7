import { defineCommand } from "../define.ts";
import { count, number, shape } from "../numbers.ts";
import { cell } from "../output.ts";
import { trainApi } from "../rooms.ts";

export const modelNew = defineCommand({
  id: "model new",
  title: "write a small architecture as an ONNX file",
  examples: [
    "modelkeep model new cnn --input 1x28x28 --classes 10 --out arch.onnx",
    "modelkeep model new mlp --input 30 --classes 2 --out arch.onnx",
    "modelkeep model new mlp --input 8 --classes 1 --out regression.onnx",
    "modelkeep model new transformer --input 64 --vocabulary 5000 --classes 2 --out text.onnx",
  ],
  declare: (command) =>
    command
      .argument("<kind>", "cnn, mlp, resnet8 or transformer")
      .requiredOption("--input <shape>", "one example's shape: 1x28x28, 30", shape)
      .requiredOption("--classes <n>", "scores that it gives; 1 for a number", count)
      .option("--vocabulary <n>", "the input is token numbers below this (transformer)", count)
      .option("--seed <n>", "of the weights", number, 0)
      .requiredOption("--out <file>", "where it goes"),
  async run({ output }, { args, flags }) {
    const { createModelFile } = await trainApi();
    const made = await createModelFile({
      ...(flags as { readonly input: readonly number[]; readonly classes: number; readonly seed: number; readonly out: string }),
      kind: args[0] as string,
    });
    output.value(made);
    output.text(`${cell(made.out)}: ${cell(made.kind)}, ${made.parameters} parameters`);
    return 0;
  },
});
