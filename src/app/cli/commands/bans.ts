import type { InputOf, bansSet } from "../../api/index.ts";
import { defineCommand } from "../define.ts";
import { api } from "../rooms.ts";
import { parseDuration } from "../duration.ts";
import { cell } from "../output.ts";

const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

export const bansListCommand = defineCommand({
  id: "bans list",
  title: "list bans in force, newest first",
  examples: ["modelkeep bans list", "modelkeep bans list --json"],
  async run({ ask, output }) {
    const bans = await ask((await api()).bansList, {});
    output.table(bans, [
      { title: "ID", of: (ban) => ban.id },
      { title: "TARGET", of: (ban) => ban.target },
      { title: "SHUTS OUT", of: (ban) => ban.scope },
      { title: "SINCE", of: (ban) => time(ban.sinceMs) },
      { title: "UNTIL", of: (ban) => time(ban.untilMs) ?? "lifted by hand" },
      { title: "SET BY", of: (ban) => ban.by?.principal ?? (ban.automatic ? "firewall" : null) },
      { title: "REASON", of: (ban) => ban.reason },
    ]);
    return 0;
  },
});

export const bansSetCommand = defineCommand({
  id: "bans set",
  title: "ban an address, a network, a principal or a credential",
  examples: [
    'modelkeep bans set 203.0.113.0/24 --reason "scraping" --for 24h',
    'modelkeep bans set alice --kind principal --reason "left the company"',
  ],
  declare: (command) =>
    command
      .argument("<target>", "address, network, principal or credential id")
      .requiredOption("--reason <text>", "why, for the log and for whoever lifts it")
      .option("--kind <kind>", "network, principal or credential (default: network)")
      .option("--scope <scope>", "everyone or strangers (default: everyone)")
      .option("--for <time>", "how long: 10m, 24h, 30d (default: until it is lifted)", parseDuration),
  async run({ ask, output }, { args, flags }) {
    const { reason, kind, scope, for: lengthMs } = flags as unknown as InputOf<typeof bansSet> & { readonly for?: number };
    const seconds = lengthMs === undefined ? undefined : Math.ceil(lengthMs / 1000);
    const ban = await ask((await api()).bansSet, { target: args[0] as string, reason, kind, scope, seconds });
    output.value(ban);
    output.text(`banned ${cell(ban.target)} (${cell(ban.id)}) until ${cell(time(ban.untilMs) ?? "it is lifted")}`);
    return 0;
  },
});

export const bansLiftCommand = defineCommand({
  id: "bans lift",
  title: "lift a ban by its id, or every ban on a target",
  examples: ["modelkeep bans lift ID", "modelkeep bans lift 203.0.113.7"],
  declare: (command) => command.argument("<id-or-target>", "a ban's id, or what it is on"),
  async run({ ask, output }, { args }) {
    const lifted = await ask((await api()).bansLift, { target: args[0] as string });
    output.value(lifted);
    for (const ban of lifted) output.text(`lifted the ban on ${cell(ban.target)} (${cell(ban.id)})`);
    return 0;
  },
});
