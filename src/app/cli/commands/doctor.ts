import { atLeast, severities } from "../../../base/finding/index.ts";
import type { Severity } from "../../../base/finding/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import { defineCommand } from "../define.ts";
import { api, host, reportRoom } from "../rooms.ts";
import { cell } from "../output.ts";

export const doctorCommand = defineCommand({
  id: "doctor",
  title: "look at ports, permissions, clock, disk, keys, isolation and configuration",
  examples: ["modelkeep doctor", "modelkeep doctor --config modelkeep.yaml --fail-on medium", "modelkeep doctor --json"],
  declare: (command) =>
    command.option("--fail-on <severity>", "least grave finding that fails: info, low, medium, high, critical or none", "high"),
  async run({ ask, config, output }, { flags }) {
    const threshold = flags["failOn"] as Severity | "none";
    if (threshold !== "none" && !severities.includes(threshold)) {
      output.note(`error: \`${cell(threshold)}\` is no severity: ${severities.join(", ")} or none`);
      return 4;
    }
    const loaded = await config();
    const status = await ask((await api()).serviceStatus, {});
    const { auditSearch, keysList } = await api();
    const { examine } = await host();
    const targets = await examine({
      config: loaded,
      clock: systemClock,
      servingUrl: status.url ?? undefined,
      keys: () => ask(keysList, {}),
      newestEntry: async () => (await ask(auditSearch, { limit: 1 }))[0],
    });
    const report = { title: "modelkeep doctor", targets };
    output.value(report);
    output.text((await reportRoom()).writers.get("table").write(report));
    if (targets.every(({ status: state }) => state === "skipped")) return 3;
    const grave = targets
      .flatMap(({ findings }) => findings)
      .some(({ severity }) => threshold !== "none" && atLeast(severity, threshold));
    return grave ? 1 : 0;
  },
});
