import { z } from "zod";
import type { Evidence, Json } from "../../../base/evidence/index.ts";
import { defineOperation } from "../define.ts";
import { present } from "../present.ts";

const name = z.string().min(1).max(500);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const share = z.number().min(-1e12).max(1e12);

/** What commands that work without a service leave in the log. Kinds that the service writes of itself cannot be written by hand. */
export const evidenceAdd = defineOperation({
  id: "evidence.add",
  title: "Enter what a command found",
  input: z.strictObject({
    kind: z.enum(["assessment.made", "hardening.made", "certificate.made", "defence.made"]),
    outcome: z.enum(["done", "failed"]),
    subject: z.strictObject({ type: z.literal("model"), id: name, digest: digest.optional() }),
    figures: z
      .array(
        z.strictObject({
          name,
          value: share,
          n: z.int().nonnegative().optional(),
          interval: z.strictObject({ low: share, high: share, level: share }).optional(),
        }),
      )
      .max(1000),
    seed: z.int().optional(),
    versions: z.record(name, name),
    replay: z.string().max(10_000),
    detail: z.record(name, z.json()),
  }),
  async run({ audit }, { detail, ...entry }, by) {
    const evidence = { ...present(entry), actor: by, detail: detail as { [key: string]: Json } } as Evidence;
    return { index: (await audit.append(evidence)).index };
  },
});
