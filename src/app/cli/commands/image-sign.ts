import { defineCommand } from "../define.ts";
import { namedKeys } from "../key-flags.ts";
import { cell } from "../output.ts";
import { signApi } from "../rooms.ts";
import { imageFlags, signerFlags, usageOfForm } from "../image-flags.ts";
import type { SigningFlags } from "../image-flags.ts";
import { refuseFlags } from "../usage.ts";

export const imageSign = defineCommand({
  id: "image sign",
  title: "sign a container image by its digest, as cosign does",
  examples: [
    "modelkeep image sign registry.example/app@sha256:0123… --key signer.pem",
    "modelkeep image sign registry.example/app:1.2 --resolve --key signer.pem --form bundle",
  ],
  declare: (command) => signerFlags(imageFlags(command)),
  async run(context, { args, flags: given }) {
    const { output } = context;
    const flags = given as unknown as SigningFlags;
    const wrong = usageOfForm(flags);
    if (wrong !== undefined) return refuseFlags(output, wrong);
    const named = await namedKeys(context, [flags.key]);
    const signed = await (
      await signApi()
    ).signImageAt({ ...flags, named, resolveTag: flags.resolve, reference: args[0] as string });
    output.value(signed);
    output.text(`signed    ${cell(signed.image)}@${signed.digest}`);
    if (signed.tag !== undefined) output.text(`tag       ${signed.tag}`);
    if (signed.bundle !== undefined) output.text(`bundle    ${signed.bundle}`);
    return 0;
  },
});
