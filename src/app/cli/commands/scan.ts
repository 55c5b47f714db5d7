import { writeFile } from "node:fs/promises";
import { severities } from "../../../base/finding/index.ts";
import type { Severity } from "../../../base/finding/index.ts";
import type { Registry } from "../../../base/registry/index.ts";
import type { Writer } from "../../report/index.ts";
import { defineCommand } from "../define.ts";
import { cell, jsonText } from "../output.ts";
import { reportRoom, scanApi } from "../rooms.ts";
import { refuseFlags } from "../usage.ts";

interface Flags {
  readonly k8sVersion?: string;
  readonly pss: "baseline" | "restricted";
  readonly failOn: Severity | "none";
  readonly format?: string;
  readonly fix?: boolean;
  readonly exceptions?: string;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly sbom?: string;
}

export const scanCommand = defineCommand({
  id: "scan",
  title: "look at model files, containers and manifests for what would run or break out",
  examples: [
    "modelkeep scan models/",
    "modelkeep scan model.pt --json",
    "modelkeep scan chart/ --k8s-version 1.33 --pss restricted --fail-on medium",
    "modelkeep scan image.tar --sbom image.cdx.json",
    "helm template chart | modelkeep scan - --format sarif > scan.sarif",
  ],
  declare: (command) =>
    command
      .argument("<paths...>", "files and folders; `-` reads standard input")
      .option("--k8s-version <version>", "Kubernetes minor version to judge by, such as 1.33 (default: the newest known)")
      .option("--pss <level>", "Pod Security Standard to hold pods to: baseline or restricted", "restricted")
      .option("--fail-on <severity>", "least grave finding that fails: info, low, medium, high, critical or none", "high")
      .option("--format <format>", "table, json, sarif, junit, html or markdown (default: table)")
      .option("--fix", "write the patches that findings offer, each proven by a second scan")
      .option("--exceptions <file>", "findings that someone answers for, with owner, reason and last day")
      .option("--baseline <file>", "findings that were there before and do not fail")
      .option("--write-baseline <file>", "write what is found now as a baseline")
      .option("--sbom <file>", "write the packages of the images that were scanned as CycloneDX 1.6"),
  async run({ output }, { args, flags: given }) {
    const flags = given as unknown as Flags;
    const { writers } = await reportRoom();
    const wrong = usageOf(flags, writers);
    if (wrong !== undefined) return refuseFlags(output, wrong);
    const { fixTargets, sbomOf, scanExit, scanPaths, scanReport, writeBaseline } = await scanApi();
    const request = { ...flags, paths: args[0] as readonly string[], packages: flags.sbom !== undefined };
    let result = await scanPaths(request);
    if (flags.fix === true) {
      const fixed = await fixTargets(result.targets, flags);
      for (const { path, rules } of fixed) output.note(`fixed ${cell(path)}: ${rules.join(", ")}`);
      if (fixed.length > 0) result = await scanPaths(request);
    }
    if (flags.writeBaseline !== undefined) await writeFile(flags.writeBaseline, writeBaseline(result.targets));
    if (flags.sbom !== undefined) await writeFile(flags.sbom, sbomOf(result));
    const format = output.json ? "json" : (flags.format ?? "table");
    if (format === "json") output.raw(`${jsonText(result)}\n`);
    else output.raw(`${writers.get(format).write(scanReport(result)).replace(/\n$/, "")}\n`);
    const exit = scanExit(result, flags.failOn);
    if (exit === 3) output.note("nothing was scanned: no target is a model, a container file or a manifest that could be read");
    return exit;
  },
});

function usageOf({ k8sVersion, pss, failOn, format }: Flags, writers: Registry<Writer>): string | undefined {
  if (failOn !== "none" && !severities.includes(failOn))
    return `\`${cell(failOn)}\` is no severity: ${severities.join(", ")} or none`;
  if (!["baseline", "restricted"].includes(pss)) return `\`${cell(pss)}\` is no level: baseline or restricted`;
  if (k8sVersion !== undefined && !/^v?1\.\d{1,2}$|^latest$/.test(k8sVersion))
    return `\`${cell(k8sVersion)}\` is no minor version: give one such as 1.33`;
  if (format !== undefined && !writers.has(format))
    return `\`${cell(format)}\` is no format: ${writers.all.map(({ id }) => id).join(", ")}`;
  return undefined;
}
