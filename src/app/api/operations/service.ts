import { z } from "zod";
import { defineOperation } from "../define.ts";

export const serviceStatus = defineOperation({
  id: "service.status",
  title: "Whether and where this keep serves",
  input: z.strictObject({}),
  run: async ({ serving }) => ({ url: serving?.url ?? null, startedMs: serving?.startedMs ?? null }),
});
