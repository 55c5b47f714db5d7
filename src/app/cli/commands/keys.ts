import type { Command as Commander } from "commander";
import type { InputOf, keysCreate } from "../../api/index.ts";
import { defineCommand } from "../define.ts";
import { api } from "../rooms.ts";
import { parseDuration } from "../duration.ts";
import type { Output } from "../output.ts";
import { cell } from "../output.ts";
import { words } from "../words.ts";

type Asked = InputOf<typeof keysCreate> & { readonly expires?: number };

export const keysCreateCommand = defineCommand({
  id: "keys create",
  title: "create a key for a principal; the secret is shown this once",
  examples: [
    "modelkeep keys create --principal alice --role caller",
    "modelkeep keys create --principal alice --role caller --models digits --from 10.0.0.0/8 --expires 90d",
    "modelkeep keys create --principal nightly --kind service --role auditor --json",
  ],
  declare: (command) =>
    command
      .requiredOption("--principal <name>", "who holds the key; made when there is none by this name")
      .requiredOption("--role <role>", "caller, operator, auditor, admin, or a role of your policies")
      .option("--models <names...>", "only these models (default: all that the role allows)", words)
      .option("--from <networks...>", "only from these networks, CIDR form (default: from anywhere)", words)
      .option("--expires <time>", "lifetime: 90d, 12h, 30m (default: none)", parseDuration)
      .option("--groups <names...>", "put the principal into these groups too", words)
      .option("--kind <kind>", "person or service, for a new principal (default: person)"),
  async run({ ask, output }, { flags }) {
    const { expires, ...asked } = flags as Asked;
    const { principal, role, models, from, groups, kind } = asked;
    const key = await ask((await api()).keysCreate, { principal, role, models, from, groups, kind, expiresInMs: expires });
    printSecret(output, key);
    return 0;
  },
});

export const keysListCommand = defineCommand({
  id: "keys list",
  title: "list keys, newest first",
  examples: ["modelkeep keys list", "modelkeep keys list --principal alice --all --json"],
  declare: (command) =>
    command.option("--principal <name>", "only this principal's").option("--all", "revoked, expired and replaced ones too"),
  async run({ ask, output }, { flags }) {
    const keys = await ask((await api()).keysList, {
      principal: flags["principal"] as string | undefined,
      ended: flags["all"] === true,
    });
    output.table(keys, [
      { title: "ID", of: (key) => key.id },
      { title: "PRINCIPAL", of: (key) => key.principal },
      { title: "ROLE", of: (key) => key.role },
      { title: "MODELS", of: (key) => key.models ?? "all" },
      { title: "FROM", of: (key) => key.from ?? "anywhere" },
      { title: "STATE", of: (key) => key.state },
      { title: "EXPIRES", of: (key) => key.expiresAt ?? "never" },
      { title: "LAST USED", of: (key) => key.lastUsedAt ?? "never" },
    ]);
    return 0;
  },
});

export const keysRotateCommand = defineCommand({
  id: "keys rotate",
  title: "give a key a new secret; the old one holds for the overlap",
  examples: ["modelkeep keys rotate ID", "modelkeep keys rotate ID --overlap 1h"],
  declare: (command) =>
    command
      .argument("<id>", "the key's id")
      .option(
        "--overlap <time>",
        "how long the old secret still holds; 0 ends it at once (default: access.keys.overlapMs)",
        overlap,
      ),
  async run({ ask, output }, { args, flags }) {
    const key = await ask((await api()).keysRotate, { id: args[0] as string, overlapMs: flags["overlap"] as number | undefined });
    printSecret(output, key);
    return 0;
  },
});

export const keysRevokeCommand = defineCommand({
  id: "keys revoke",
  title: "end a key at once",
  examples: ['modelkeep keys revoke ID --reason "laptop lost"'],
  declare: (command: Commander) =>
    command.argument("<id>", "the key's id").option("--reason <text>", "why, for the log", "revoked by an operator"),
  async run({ ask, output }, { args, flags }) {
    const key = await ask((await api()).keysRevoke, { id: args[0] as string, reason: flags["reason"] as string });
    output.value(key);
    output.text(`revoked ${cell(key.id)} of ${cell(key.principal)}`);
    return 0;
  },
});

function overlap(text: string): number {
  return text === "0" ? 0 : parseDuration(text);
}

function printSecret(
  output: Output,
  key: {
    readonly id: string;
    readonly key: string;
    readonly principal: string;
    readonly role: string;
    readonly expiresAt: string | null;
  },
): void {
  output.value(key);
  output.text(key.key);
  if (!output.json) {
    output.note(
      `key ${cell(key.id)} for ${cell(key.principal)}, role ${cell(key.role)}, expires ${cell(key.expiresAt ?? "never")}`,
    );
    output.note("this is the only time it is shown; send it as `Authorization: Bearer …`");
  }
}
