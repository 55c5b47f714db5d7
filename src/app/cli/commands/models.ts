import { defineCommand } from "../define.ts";
import { api } from "../rooms.ts";
import { cell } from "../output.ts";

const spec = (
  specs: readonly { readonly name: string; readonly type: string; readonly dims: readonly (number | string | null)[] }[],
): string => specs.map(({ name, type, dims }) => `${name}: ${type}[${dims.map((dim) => dim ?? "?").join(",")}]`).join("; ");

export const modelsListCommand = defineCommand({
  id: "models list",
  title: "list what the running service serves",
  examples: ["modelkeep models list", "modelkeep models list --json"],
  async run({ ask, output }) {
    output.table(await ask((await api()).modelsList, {}), [
      { title: "MODEL", of: (model) => model.name },
      { title: "VERSION", of: (model) => model.version },
      { title: "RUNS IN", of: (model) => (model.isolation === "worker" ? "worker thread" : "capped process") },
      { title: "TAKES", of: (model) => spec(model.inputs) },
      { title: "GIVES", of: (model) => spec(model.outputs) },
      { title: "DIGEST", of: (model) => model.digest.slice(0, 19) },
    ]);
    return 0;
  },
});

export const modelsReloadCommand = defineCommand({
  id: "models reload",
  title: "look at the model files now instead of at the next poll",
  examples: ["modelkeep models reload"],
  async run({ ask, output }) {
    const report = await ask((await api()).modelsReload, {});
    output.value(report);
    for (const what of ["added", "replaced", "removed"] as const)
      for (const name of report[what]) output.text(`${what} ${cell(name)}`);
    for (const { path, error } of report.refused) output.note(`refused ${cell(path)}: ${error.message} (${error.code})`);
    if (report.added.length + report.replaced.length + report.removed.length === 0) output.text("nothing changed");
    return report.refused.length > 0 ? 1 : 0;
  },
});
