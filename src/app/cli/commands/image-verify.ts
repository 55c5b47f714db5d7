import { defineCommand } from "../define.ts";
import { cell } from "../output.ts";
import { signApi } from "../rooms.ts";
import { imageFlags } from "../image-flags.ts";
import type { ImageFlags } from "../image-flags.ts";
import { trustFlags, usageOfTrust } from "../trust-flags.ts";
import type { TrustFlags } from "../trust-flags.ts";
import { refuseFlags } from "../usage.ts";

interface Flags extends ImageFlags, TrustFlags {
  readonly attestation: readonly string[];
}

export const imageVerify = defineCommand({
  id: "image verify",
  title: "whether a container image is signed by someone whom you trust",
  examples: [
    "modelkeep image verify registry.example/app@sha256:0123… --key signer.pub",
    "modelkeep image verify registry.example/app@sha256:0123… --policy trust.yaml --attestation slsaprovenance --json",
    "modelkeep image verify ghcr.io/org/app@sha256:0123… --identity 'https://github.com/org/*' --issuer https://token.actions.githubusercontent.com --trusted-root trusted_root.json",
  ],
  declare: (command) =>
    trustFlags(imageFlags(command)).option(
      "--attestation <type...>",
      "what someone trusted must attest instead of a plain signature: slsaprovenance, cyclonedx, spdx, vuln, or an address",
      [],
    ),
  async run({ output }, { args, flags: given }) {
    const flags = given as unknown as Flags;
    const wrong = usageOfTrust(flags);
    if (wrong !== undefined) return refuseFlags(output, wrong);
    const request = { ...flags, resolveTag: flags.resolve, attestations: flags.attestation, reference: args[0] as string };
    const verdict = await (await signApi()).verifyImageAt(request);
    output.value(verdict);
    output.text(`${verdict.verdict}  ${cell(verdict.name)}@${verdict.digest}`);
    for (const { form, predicateType = "signature", by } of verdict.claims)
      output.text(
        `by        ${cell(by.signer)} (${by.method}${by.identity === undefined ? "" : `, ${cell(by.identity)}`}): ${cell(predicateType)}, ${form}`,
      );
    for (const { code, message } of verdict.reasons) output.text(`${code}: ${message}`);
    return verdict.ok ? 0 : 1;
  },
});
