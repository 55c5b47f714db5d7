import { defineCommand } from "../define.ts";
import { keyFlags, keyHelp, namedKeys } from "../key-flags.ts";
import type { KeyFlags } from "../key-flags.ts";
import { cell } from "../output.ts";
import { signApi } from "../rooms.ts";

interface Flags extends KeyFlags {
  readonly signature?: string;
  readonly ignore: readonly string[];
  readonly allowSymlinks?: true;
}

export const signCommand = defineCommand({
  id: "sign",
  title: "sign a model: one signature over every file of it",
  examples: [
    "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signer.pem",
    "modelkeep sign model/ --key signer.pem",
    "modelkeep sign digits.onnx --key signer.pem --certificates chain.pem --json",
    "modelkeep sign model/ --key signer.pem --ignore README.md --ignore cache --signature model.sig",
  ],
  declare: (command) =>
    keyFlags(
      command
        .argument("<path>", "a model's file or folder")
        .requiredOption("--key <key>", `${keyHelp}: P-256, P-384 or P-521 for signatures that other tools verify`),
    )
      .option("--signature <file>", "where the signature goes (default: model.sig in a folder, FILE.sig beside a file)")
      .option("--ignore <path...>", "files and folders inside the model that are left out", [])
      .option("--allow-symlinks", "follow symbolic links; without it one link refuses the whole model"),
  async run(context, { args, flags: given }) {
    const { output } = context;
    const flags = given as unknown as Flags;
    const named = await namedKeys(context, [flags.key]);
    const signed = await (await signApi()).signPath({ path: args[0] as string, ...flags, named });
    output.value(signed);
    if (!signed.portable) output.note(`note: other tools do not verify ${signed.algorithm}; they take P-256, P-384 and P-521`);
    output.text(`signed    ${signed.files} files, ${signed.sizeBytes} bytes`);
    output.text(`digest    ${signed.digest}`);
    output.text(`key       ${signed.key}`);
    output.text(`signature ${cell(signed.signature)}`);
    return 0;
  },
});
