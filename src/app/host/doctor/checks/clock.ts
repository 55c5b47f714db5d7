import { defineCheck } from "../define.ts";

const toleranceMs = 5_000;

/** Without a network there is one witness of the time that was: our own log. */
export const clock = defineCheck({
  id: "clock",
  title: "The clock against the newest entry of the log",
  async run({ clock, newestEntry }) {
    const newest = await newestEntry();
    if (newest === undefined) return { skipped: "the log has no entry yet" };
    const aheadMs = newest.timeMs - clock.now();
    if (aheadMs <= toleranceMs) return { findings: [] };
    return {
      findings: [
        {
          rule: "clock/went-back",
          severity: "high",
          message: "the clock is behind the log",
          where: {},
          evidence: `entry ${newest.index} was written ${Math.round(aheadMs / 1000)} s from now`,
          why: "keys and bans expire by the clock, and an auditor reads the log by its times",
          fix: "synchronise the clock (chrony, systemd-timesyncd)",
        },
      ],
    };
  },
});
