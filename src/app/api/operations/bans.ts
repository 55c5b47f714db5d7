import { z } from "zod";
import { defineOperation } from "../define.ts";
import { present } from "../present.ts";

const target = z.string().min(1).max(200);

export const bansList = defineOperation({
  id: "bans.list",
  title: "List bans in force",
  input: z.strictObject({}),
  run: async ({ firewall }) => firewall.bans.list(),
});

export const bansSet = defineOperation({
  id: "bans.set",
  title: "Ban an address, network, principal or credential",
  input: z.strictObject({
    target,
    kind: z.enum(["network", "principal", "credential"]).optional(),
    scope: z.enum(["everyone", "strangers"]).optional(),
    reason: z.string().min(1).max(500),
    seconds: z.int().positive().optional(),
  }),
  run: ({ firewall }, asked, by) => firewall.bans.set(present(asked), by),
});

export const bansLift = defineOperation({
  id: "bans.lift",
  title: "Lift a ban by its id, or every ban on a target",
  input: z.strictObject({ target }),
  run: ({ firewall }, { target }, by) => firewall.bans.lift(target, by),
});
