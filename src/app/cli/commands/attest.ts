import { defineCommand } from "../define.ts";
import { keyFlags, keyHelp, namedKeys } from "../key-flags.ts";
import type { KeyFlags } from "../key-flags.ts";
import { cell } from "../output.ts";
import { signApi } from "../rooms.ts";

interface Flags extends KeyFlags {
  readonly type: string;
  readonly predicate: string;
  readonly out?: string;
  readonly ignore: readonly string[];
  readonly allowSymlinks?: true;
}

export const attestCommand = defineCommand({
  id: "attest",
  title: "sign a statement about a file or folder: its provenance, its bill of materials",
  examples: [
    "modelkeep attest digits.onnx --type cyclonedx --predicate digits.cdx.json --key signer.pem",
    "modelkeep attest model/ --type slsaprovenance --predicate provenance.json --key signer.pem",
    "modelkeep verify digits.onnx --attestation cyclonedx --key signer.pub",
  ],
  declare: (command) =>
    keyFlags(command.argument("<path>", "a file or folder").requiredOption("--key <key>", keyHelp))
      .requiredOption("--type <type>", "slsaprovenance, cyclonedx, spdx, vuln, or the address of a predicate type")
      .requiredOption("--predicate <file>", "what is claimed, JSON")
      .option("--out <file>", "where the attestation goes (default: beside it, NAME.TYPE.sigstore.json)")
      .option("--ignore <path...>", "files and folders inside a folder that are left out", [])
      .option("--allow-symlinks", "follow symbolic links; without it one link refuses the whole folder"),
  async run(context, { args, flags: given }) {
    const { output } = context;
    const flags = given as unknown as Flags;
    const named = await namedKeys(context, [flags.key]);
    const attested = await (await signApi()).attestPath({ path: args[0] as string, ...flags, named });
    output.value(attested);
    output.text(`attested    ${cell(attested.predicateType)}`);
    output.text(`about       ${attested.subjects} files`);
    output.text(`attestation ${cell(attested.attestation)}`);
    return 0;
  },
});
