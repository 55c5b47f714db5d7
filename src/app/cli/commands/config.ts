import { defineCommand } from "../define.ts";
import { host } from "../rooms.ts";
import { cell } from "../output.ts";

export const configExplainCommand = defineCommand({
  id: "config explain",
  title: "print each effective value and where it came from",
  examples: ["modelkeep config explain", "modelkeep config explain gateway", "modelkeep config explain --json"],
  declare: (command) => command.argument("[section]", "only keys that start with this"),
  async run(context, { args }) {
    const { explain, file, stateDir } = await context.config();
    const start = (args[0] as string | undefined) ?? "";
    const rows = explain().filter(({ path }) => path === start || path.startsWith(start === "" ? "" : `${start}.`));
    if (rows.length === 0) {
      context.output.note(`no key starts with \`${cell(start)}\``);
      return 4;
    }
    context.output.table(
      rows.map(({ path, value, origin, about }) => ({
        path,
        value,
        origin: origin.kind,
        where: origin.where,
        about: about ?? null,
      })),
      [
        { title: "KEY", of: (row) => row.path },
        { title: "VALUE", of: (row) => (Array.isArray(row.value) || row.value === "" ? JSON.stringify(row.value) : row.value) },
        { title: "FROM", of: (row) => row.where },
        { title: "MEANS", of: (row) => row.about },
      ],
    );
    if (!context.output.json)
      context.output.note(`configuration: ${file ?? "none, only defaults, environment and flags"}; state: ${stateDir}`);
    return 0;
  },
});

export const configSchemaCommand = defineCommand({
  id: "config schema",
  title: "print the JSON Schema of modelkeep.yaml, for editors",
  examples: ["modelkeep config schema > modelkeep.schema.json"],
  async run({ output }) {
    const { configJsonSchema } = await import("../../../base/config/index.ts");
    const schema = configJsonSchema((await host()).modelkeepConfig);
    output.value(schema);
    output.text(JSON.stringify(schema, null, 2));
    return 0;
  },
});
