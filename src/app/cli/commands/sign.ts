import { defineCommand } from "../define.ts";
import { cell } from "../output.ts";
import { signApi } from "../rooms.ts";

interface Flags {
  readonly key: string;
  readonly certificates: readonly string[];
  readonly passphrase?: string;
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
    command
      .argument("<path>", "a model's file or folder")
      .requiredOption(
        "--key <file>",
        "private key, PEM, or pkcs11:… on a token: P-256, P-384 or P-521 for signatures that other tools verify",
      )
      .option("--certificates <file...>", "the key's certificate, PEM, then those of its issuers", [])
      .option(
        "--passphrase <reference>",
        "where the passphrase of the key, or the PIN of its token, lies: file:PATH, env:NAME or stdin",
      )
      .option("--signature <file>", "where the signature goes (default: model.sig in a folder, FILE.sig beside a file)")
      .option("--ignore <path...>", "files and folders inside the model that are left out", [])
      .option("--allow-symlinks", "follow symbolic links; without it one link refuses the whole model"),
  async run({ output }, { args, flags }) {
    const signed = await (await signApi()).signPath({ path: args[0] as string, ...(flags as unknown as Flags) });
    output.value(signed);
    if (!signed.portable) output.note(`note: other tools do not verify ${signed.algorithm}; they take P-256, P-384 and P-521`);
    output.text(`signed    ${signed.files} files, ${signed.sizeBytes} bytes`);
    output.text(`digest    ${signed.digest}`);
    output.text(`key       ${signed.key}`);
    output.text(`signature ${cell(signed.signature)}`);
    return 0;
  },
});
