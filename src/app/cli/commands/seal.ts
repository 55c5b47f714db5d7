import { defineCommand } from "../define.ts";
import { namedKeys } from "../key-flags.ts";
import { cell } from "../output.ts";
import { signApi } from "../rooms.ts";

interface Flags {
  readonly recipient: readonly string[];
  readonly out?: string;
  readonly replace?: true;
}

export const sealCommand = defineCommand({
  id: "seal",
  title: "encrypt a model to age recipients or a key service; `serve` opens it in memory only",
  examples: [
    "age-keygen -o identity.txt",
    "modelkeep seal model.onnx --recipient age1…",
    "modelkeep seal model.onnx --recipient kms:models",
    "modelkeep seal model.onnx --recipient age1… --recipient age1… --out sealed/model.onnx.age --json",
  ],
  declare: (command) =>
    command
      .argument("<file>", "a model's file")
      .requiredOption(
        "--recipient <recipient...>",
        "who may open it: age1…, or kms:NAME of the configuration; as often as there are recipients",
      )
      .option("--out <file>", "where to write (default: the file's name with .age)")
      .option("--replace", "replace the file that is there"),
  async run(context, { args, flags: given }) {
    const { output } = context;
    const flags = given as unknown as Flags;
    const from = args[0] as string;
    const to = flags.out ?? `${from}.age`;
    const named = await namedKeys(context, flags.recipient);
    const request = { from, to, recipients: flags.recipient, replace: flags.replace === true, named };
    const sealed = await (await signApi()).sealPath(request);
    output.value(sealed);
    output.text(`sealed ${sealed.sizeBytes} bytes to ${sealed.recipients} recipients: ${cell(to)}`);
    output.note(`note: ${cell(from)} is still there, and open`);
    return 0;
  },
});
