import { defineCommand } from "../define.ts";
import { deployApi } from "../rooms.ts";
import { cell } from "../output.ts";

const kinds = ["helm", "systemd", "compose"] as const;

export const deployCommand = defineCommand({
  id: "deploy",
  title: "write hardened manifests for this service: a Helm chart, a systemd unit or a compose file",
  examples: [
    "modelkeep deploy helm --out deploy/",
    "modelkeep deploy compose --out deploy/ --image registry.example/modelkeep@sha256:…",
    "modelkeep deploy systemd --out deploy/ && modelkeep scan deploy/",
  ],
  declare: (command) =>
    command
      .argument("<kind>", "helm, systemd or compose")
      .requiredOption("--out <folder>", "folder to write into")
      .option("--image <image>", "the image to run, best by digest")
      .option("--force", "replace files that are there"),
  async run({ config, output }, { args, flags }) {
    const kind = kinds.find((known) => known === args[0]);
    if (kind === undefined) {
      output.note(`error: \`${cell(args[0] as string)}\` is no kind of deployment: ${kinds.join(", ")}`);
      return 4;
    }
    const { deploy } = await deployApi();
    const loaded = await config();
    const { out, image, force } = flags as { out: string; image?: string; force?: boolean };
    const written = await deploy({ kind, out, image, force: force === true, explained: loaded.explain() });
    output.value(written);
    output.text(written.files.join("\n"));
    if (written.secrets.length > 0) output.note(`provide these secrets: ${written.secrets.join(", ")}; see docs/guide/deploy.md`);
    return 0;
  },
});
