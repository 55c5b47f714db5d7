import { defineCommand } from "../define.ts";
import type { Context } from "../context.ts";
import type { Exit } from "../define.ts";
import type { SignerRequest } from "../../api/sign/index.ts";
import { keyFlags, keyHelp, namedKeys } from "../key-flags.ts";
import type { KeyFlags } from "../key-flags.ts";
import { cell, jsonText } from "../output.ts";
import { api, bomApi } from "../rooms.ts";
import { refuseFlags } from "../usage.ts";

interface Flags extends Partial<KeyFlags> {
  readonly served?: true;
  readonly model?: string;
  readonly out?: string;
  readonly name?: string;
  readonly modelVersion?: string;
  readonly task?: string;
  readonly assessment?: string;
  readonly signature?: string;
  readonly policy?: string;
}

export const bomCommand = defineCommand({
  id: "bom",
  title: "the bill of materials of a model (CycloneDX ML-BOM): what it is, learnt from, and needs",
  examples: [
    "modelkeep bom model.onnx --out model.cdx.json",
    "modelkeep bom model/ --policy trust.yaml --assessment runs/20260101/result.json --out model.cdx.json",
    "modelkeep bom model.onnx --out model.cdx.json --key signer.pem",
    "modelkeep bom --served --out boms/",
  ],
  declare: (command) =>
    keyFlags(command.argument("[path]", "an ONNX file, or a folder with a model in it"))
      .option("--served", "of each model that the running service serves, of the very bytes that it loaded")
      .option("--model <name>", "with --served: of this one alone")
      .option("--out <file>", "where to write; with --served a folder (default: standard output)")
      .option("--name <name>", "what the model is called (default: the file's or folder's name)")
      .option("--model-version <version>", "its version")
      .option("--task <task>", "what it is for, such as classification, where the graph does not tell")
      .option("--assessment <file>", "result.json of an assessment of this very file")
      .option("--signature <file>", "where its signature lies (default: beside it)")
      .option("--policy <file>", "check the signature under this trust.yaml, and name the signer")
      .option("--key <key>", `sign it as an attestation about the model, too: ${keyHelp}`),
  async run(context, { args, flags: given }) {
    const flags = given as unknown as Flags;
    const path = args[0] as string | undefined;
    const wrong = usageOf(path, flags);
    if (wrong !== undefined) return refuseFlags(context.output, wrong);
    return flags.served === true ? ofServed(context, flags) : ofPath(context, path!, flags);
  },
});

async function ofPath(context: Context, path: string, flags: Flags): Promise<Exit> {
  const { output } = context;
  const { out, policy, modelVersion } = flags;
  const { bomOfPath, writeBom } = await bomApi();
  const trust = policy === undefined ? undefined : { policy };
  const bom = await bomOfPath({ ...flags, path, version: modelVersion, trust });
  if (out === undefined) {
    output.raw(`${jsonText(bom, 2)}\n`);
    return 0;
  }
  const written = await writeBom({ bom, to: out, signed: await signing(context, flags), about: { path } });
  output.value(written);
  output.text(`written   ${cell(written.bom)}`);
  if (written.attestation !== undefined) output.text(`attested  ${cell(written.attestation)}`);
  return 0;
}

async function ofServed(context: Context, flags: Flags): Promise<Exit> {
  const { output, ask } = context;
  const { model, out } = flags;
  const found = await ask((await api()).modelsBom, model === undefined ? {} : { model });
  if (found.length === 0) {
    output.note(model === undefined ? "nothing is served" : `nothing is served as \`${cell(model)}\``);
    return 3;
  }
  if (out === undefined) {
    if (found.length > 1) return refuseFlags(output, "several models are served: name one with --model, or a folder with --out");
    output.raw(`${jsonText(found[0]!.bom, 2)}\n`);
    return 0;
  }
  const written = await (await bomApi()).writeServedBoms(found, out, await signing(context, flags));
  output.value(written);
  for (const { bom, attestation } of written) {
    output.text(`written   ${cell(bom)}`);
    if (attestation !== undefined) output.text(`attested  ${cell(attestation)}`);
  }
  return 0;
}

async function signing(context: Context, { key, certificates, passphrase }: Flags): Promise<SignerRequest | undefined> {
  return key === undefined ? undefined : { key, certificates, passphrase, named: await namedKeys(context, [key]) };
}

function usageOf(path: string | undefined, flags: Flags): string | undefined {
  const { served, model, out, key, certificates = [], passphrase } = flags;
  if ((path === undefined) === (served === undefined)) return "give a model's file or folder, or --served";
  if (model !== undefined && served === undefined) return "--model goes with --served";
  const ofFiles = (["name", "modelVersion", "task", "assessment", "signature", "policy"] as const).find(
    (flag) => flags[flag] !== undefined,
  );
  if (served === true && ofFiles !== undefined) return "with --served the service tells name, assessment and signer itself";
  if (key !== undefined && out === undefined) return "--key needs --out: the attestation lies beside what is written";
  if (key === undefined && (certificates.length > 0 || passphrase !== undefined))
    return "--certificates and --passphrase go with --key";
  return undefined;
}
