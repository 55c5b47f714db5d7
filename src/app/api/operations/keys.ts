import { z } from "zod";
import { defineOperation } from "../define.ts";
import { present } from "../present.ts";

// A whole key may stand for its id: whoever finds a leaked one wants to revoke it, and has nothing else.
const id = z.string().min(1).max(128);

export const keysCreate = defineOperation({
  id: "keys.create",
  title: "Create a key; its secret is in the answer and nowhere else",
  input: z.strictObject({
    principal: z.string(),
    role: z.string(),
    models: z.array(z.string()).optional(),
    from: z.array(z.string()).optional(),
    expiresInMs: z.int().positive().optional(),
    groups: z.array(z.string()).optional(),
    kind: z.enum(["person", "service"]).optional(),
  }),
  run: ({ access }, input, by) => access.keys.create(present(input), by),
});

export const keysList = defineOperation({
  id: "keys.list",
  title: "List keys, without their secrets",
  input: z.strictObject({ principal: z.string().optional(), ended: z.boolean().optional() }),
  run: ({ access }, input) => access.keys.list(present(input)),
});

export const keysRotate = defineOperation({
  id: "keys.rotate",
  title: "Give a key a new secret; the old one holds for the overlap",
  input: z.strictObject({ id, overlapMs: z.int().min(0).optional() }),
  run: ({ access }, { id, overlapMs }, by) => access.keys.rotate(id, present({ overlapMs }), by),
});

export const keysRevoke = defineOperation({
  id: "keys.revoke",
  title: "End a key at once",
  input: z.strictObject({ id, reason: z.string().min(1).max(500) }),
  run: ({ access }, { id, reason }, by) => access.keys.revoke(id, reason, by),
});
