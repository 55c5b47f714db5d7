import { defineCommand } from "../define.ts";
import { cell } from "../output.ts";
import { signApi } from "../rooms.ts";
import { trustFlags, usageOfTrust } from "../trust-flags.ts";
import type { TrustFlags } from "../trust-flags.ts";
import { refuseFlags } from "../usage.ts";

interface Flags extends TrustFlags {
  readonly signature?: string;
  readonly name?: string;
  readonly ignore: readonly string[];
  readonly allowSymlinks?: true;
  readonly allowExtra?: true;
  readonly attestation?: string;
}

export const verifyCommand = defineCommand({
  id: "verify",
  title: "whether a model is what someone signed whom you trust",
  examples: [
    "modelkeep verify model/ --policy trust.yaml",
    "modelkeep verify digits.onnx --key signer.pub --json",
    "modelkeep verify digits.onnx --attestation cyclonedx --key signer.pub",
    "modelkeep verify model/ --roots ca.pem --identity release@example.com",
    "modelkeep verify model/ --identity me@example.com --issuer https://accounts.google.com --trusted-root trusted_root.json",
  ],
  declare: (command) =>
    trustFlags(command.argument("<path>", "a model's file or folder"))
      .option("--signature <file>", "where the signature lies (default: model.sig in the folder, FILE.sig beside the file)")
      .option("--name <name>", "what the model is called where it is used, for scopes (default: the file's or folder's name)")
      .option("--ignore <path...>", "files and folders inside the model that nobody needs to have signed", [])
      .option("--allow-symlinks", "follow symbolic links, where the signer did")
      .option("--allow-extra", "pass over files that nobody signed")
      .option(
        "--attestation <type>",
        "what someone trusted must attest of it, instead of its signature: cyclonedx, slsaprovenance, spdx, vuln, or an address",
      ),
  async run({ output }, { args, flags: given }) {
    const flags = given as unknown as Flags;
    const wrong = usageOfTrust(flags);
    if (wrong !== undefined) return refuseFlags(output, wrong);
    const { verifyExit, verifyPath } = await signApi();
    const verdict = await verifyPath({ path: args[0] as string, ...flags });
    output.value(verdict);
    output.text(`${verdict.verdict}  ${cell(verdict.path)}`);
    if (verdict.signer !== undefined) {
      const { signer, method, identity } = verdict.signer;
      output.text(`signer    ${cell(signer)} (${method}${identity === undefined ? "" : `, ${cell(identity)}`})`);
    }
    if (verdict.predicateType !== undefined) output.text(`attested  ${cell(verdict.predicateType)}`);
    if (verdict.digest !== undefined) output.text(`digest    ${verdict.digest}`);
    if (verdict.files > 0) output.text(`checked   ${verdict.files} files, ${verdict.sizeBytes} bytes`);
    for (const { code, message } of verdict.reasons) output.text(`${code}: ${message}`);
    return verifyExit(verdict);
  },
});
