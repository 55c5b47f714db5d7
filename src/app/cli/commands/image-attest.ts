import { defineCommand } from "../define.ts";
import { namedKeys } from "../key-flags.ts";
import { cell } from "../output.ts";
import { signApi } from "../rooms.ts";
import { imageFlags, signerFlags, usageOfForm } from "../image-flags.ts";
import type { SigningFlags } from "../image-flags.ts";
import { refuseFlags } from "../usage.ts";

interface Flags extends SigningFlags {
  readonly type: string;
  readonly predicate: string;
}

export const imageAttest = defineCommand({
  id: "image attest",
  title: "sign a statement about a container image: its provenance, its bill of materials",
  examples: [
    "modelkeep image attest registry.example/app@sha256:0123… --type cyclonedx --predicate image.cdx.json --key signer.pem",
    "modelkeep image attest registry.example/app@sha256:0123… --type slsaprovenance --predicate provenance.json --key signer.pem",
  ],
  declare: (command) =>
    signerFlags(imageFlags(command))
      .requiredOption("--type <type>", "slsaprovenance, cyclonedx, spdx, vuln, or the address of a predicate type")
      .requiredOption("--predicate <file>", "what is claimed, JSON"),
  async run(context, { args, flags: given }) {
    const { output } = context;
    const flags = given as unknown as Flags;
    const wrong = usageOfForm(flags);
    if (wrong !== undefined) return refuseFlags(output, wrong);
    const named = await namedKeys(context, [flags.key]);
    const signed = await (
      await signApi()
    ).attestImageAt({ ...flags, named, resolveTag: flags.resolve, reference: args[0] as string });
    output.value(signed);
    output.text(`attested  ${cell(signed.predicateType)}`);
    output.text(`image     ${cell(signed.image)}@${signed.digest}`);
    return 0;
  },
});
