import { escapeText } from "../../../base/error/index.ts";
import type { Action } from "../../../guard/access/index.ts";
import { defineCommand } from "../define.ts";
import { api } from "../rooms.ts";
import { parseMoment } from "../duration.ts";
import { cell } from "../output.ts";
import { words } from "../words.ts";

export const policyTestCommand = defineCommand({
  id: "policy test",
  title: "print the table of who may do what",
  examples: [
    "modelkeep policy test",
    "modelkeep policy test --models digits fraud --principals alice --address 10.1.2.3",
    "modelkeep policy test --actions infer --json",
  ],
  declare: (command) =>
    command
      .option("--models <names...>", "models to ask about (default: those served)", words)
      .option("--principals <names...>", "principals to ask about (default: every role, and everyone with a live key)", words)
      .option("--actions <names...>", "actions to ask about (default: all)", words)
      .option("--address <address>", "as if the request came from there (default: 127.0.0.1)"),
  async run({ ask, output }, { flags }) {
    const rows = await ask((await api()).policyTest, {
      models: flags["models"] as string[] | undefined,
      principals: flags["principals"] as string[] | undefined,
      actions: flags["actions"] as Action[] | undefined,
      address: flags["address"] as string | undefined,
    });
    output.table(rows, [
      { title: "PRINCIPAL", of: (row) => row.principal },
      { title: "ROLE", of: (row) => row.role },
      { title: "ACTION", of: (row) => row.action },
      { title: "ON", of: (row) => row.resource },
      { title: "MAY", of: (row) => (row.allowed ? "yes" : "no") },
      { title: "BECAUSE", of: (row) => (row.policies.length === 0 ? "no policy permits it" : row.policies) },
    ]);
    return 0;
  },
});

export const policyExplainCommand = defineCommand({
  id: "policy explain",
  title: "say why one request is allowed or denied",
  examples: [
    "modelkeep policy explain --principal alice --action infer --model digits",
    "modelkeep policy explain --credential ID --action manageKeys --address 203.0.113.7 --time 2026-01-01T03:00:00Z",
  ],
  declare: (command) =>
    command
      .option("--principal <name>", "whose request; each live key of theirs is explained")
      .option("--credential <id>", "or one key, by its id")
      .requiredOption("--action <action>", "infer, readMetadata, manageKeys, …")
      .option("--model <name>", "the model it acts on (default: the service)")
      .option("--version <version>", "one version of the model")
      .option("--address <address>", "where the request comes from (default: 127.0.0.1)")
      .option("--time <moment>", "when: ISO 8601 (default: now)"),
  async run({ ask, output }, { flags }) {
    const { principal, credential, action, model, version, address, time } = flags as Record<string, string | undefined>;
    const timeMs = time === undefined ? undefined : parseMoment(time, Date.now());
    const explained = await ask((await api()).policyExplain, {
      principal,
      credential,
      action: action as Action,
      model,
      version,
      address,
      timeMs,
    });
    output.value(explained);
    for (const { caller, decision, because, policies, undecided, errors } of explained) {
      output.text(
        `${decision.allowed ? "ALLOWED" : "DENIED"}  ${cell(caller.principal)} (key ${cell(caller.credential)}, roles ${cell(caller.roles)}): ${because}`,
      );
      for (const policy of policies)
        output.text(`  ${policy.effect} ${cell(policy.id)} at ${cell(policy.at)}\n${indent(policy.text)}`);
      for (const policy of undecided) output.text(`  did not apply: ${cell(policy.id)} at ${cell(policy.at)}`);
      for (const { policy, message } of errors) output.text(`  error in ${cell(policy)}: ${cell(message)}`);
    }
    return 0;
  },
});

export const policyReloadCommand = defineCommand({
  id: "policy reload",
  title: "read the policy files again and put them in force as a whole",
  examples: ["modelkeep policy reload"],
  async run({ ask, output }) {
    const { digest, changed, warnings } = await ask((await api()).policyReload, {});
    output.value({ digest, changed, warnings });
    output.text(changed ? `in force: ${digest}` : "nothing changed");
    for (const warning of warnings) output.note(`warning: ${cell(warning)}`);
    return 0;
  },
});

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line === "" ? "" : escapeText(line, 300)}`)
    .join("\n");
}
