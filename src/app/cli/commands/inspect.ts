import { bySeverity, whereText } from "../../../base/finding/index.ts";
import type { Inspection } from "../../api/model/index.ts";
import { defineCommand } from "../define.ts";
import { modelApi } from "../rooms.ts";
import { cell } from "../output.ts";
import type { Output } from "../output.ts";

export const inspectCommand = defineCommand({
  id: "inspect",
  title: "what a model takes, gives, costs, and where its gradients break",
  examples: ["modelkeep inspect model.onnx", "modelkeep inspect model.onnx --json"],
  declare: (command) => command.argument("<model>", "an ONNX file"),
  async run({ output }, { args }) {
    const inspection = await (await modelApi()).inspectModel(args[0] as string);
    output.value(inspection);
    if (!output.json) print(output, inspection);
    return inspection.problems.length > 0 ? 1 : 0;
  },
});

function print(output: Output, model: Inspection): void {
  const row = (title: string, text: string): void => output.text(`${title.padEnd(13)}${text}`);
  row("model", `${cell(model.file)}  ${bytes(model.sizeBytes)}  ${model.digest.slice(0, 19)}…`);
  row(
    "made by",
    `${cell(model.producer)}, IR ${model.irVersion}, ${Object.entries(model.opsets)
      .map(([domain, version]) => `${cell(domain)} ${version}`)
      .join(", ")}`,
  );
  for (const { name, type } of model.inputs) row("takes", `${cell(name)}: ${cell(type)}`);
  for (const { name, type } of model.outputs) row("gives", `${cell(name)}: ${cell(type)}`);
  if (model.batch !== null)
    row(
      "batch",
      model.batch.kind === "dynamic"
        ? `any number of rows, ${model.batch.maxBatch} a request unless configured`
        : model.batch.kind,
    );
  if (model.parameters !== null) row("parameters", `${count(model.parameters)} (${bytes(model.memory?.parameterBytes ?? 0)})`);
  if (model.flops !== null)
    row(
      "one run",
      `${count(model.flops)} operations at ${model.memory?.rows ?? 1} row(s), at most ${bytes(model.memory?.peakBytes ?? 0)} of values alive`,
    );
  row(
    "operators",
    Object.entries(model.operators)
      .map(([name, times]) => `${cell(name)} ×${times}`)
      .join(", "),
  );
  for (const { node, reason } of model.unbounded) row("unbounded", `${cell(node)}: ${cell(reason)}`);
  for (const { name, reached, because } of model.gradients?.inputs ?? []) {
    row(
      "gradient",
      reached ? `reaches ${cell(name)}` : `does not reach ${cell(name)}: ${cell(because?.node)} ${cell(because?.reason)}`,
    );
  }
  for (const { node, kind, reason } of model.gradients?.facts ?? []) row("", `${kind} at ${cell(node)}: ${cell(reason)}`);
  for (const { node, message } of model.problems)
    row("problem", node === null ? cell(message) : `${cell(node)}: ${cell(message)}`);
  for (const { severity, rule, message, where, fix } of model.smells.toSorted(bySeverity)) {
    const { node } = where;
    row(
      "smell",
      `${severity} ${rule}: ${cell(message)}${node === undefined ? "" : ` (${cell(whereText({ node }))})`}; ${cell(fix)}`,
    );
  }
}

/** 1234567 → 1.23 million. */
function count(value: number): string {
  const scales: readonly [number, string][] = [
    [1e12, " trillion"],
    [1e9, " billion"],
    [1e6, " million"],
  ];
  const scale = scales.find(([size]) => value >= size);
  return scale === undefined ? value.toLocaleString("en") : `${(value / scale[0]).toPrecision(3)}${scale[1]}`;
}

function bytes(value: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const at = value < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return at === 0 ? `${value} bytes` : `${(value / 1024 ** at).toPrecision(3)} ${units[at]}`;
}
