import { z } from "zod";

/** Section `access:` of the configuration. */
export const accessConfig = z.strictObject({
  keys: z
    .strictObject({
      maxLifetimeMs: z
        .int()
        .positive()
        .optional()
        .describe("longest lifetime a key may have, milliseconds; without it a key may live for ever"),
      overlapMs: z
        .int()
        .min(0)
        .default(86_400_000)
        .describe(
          "how long a rotated key stays valid beside its successor unless the rotation says otherwise, milliseconds; one day by default",
        ),
      refreshMs: z
        .int()
        .min(100)
        .default(1000)
        .describe(
          "how often changes by other replicas are read from PostgreSQL, milliseconds: a key revoked there is refused here after at most this long",
        ),
      maxStalenessMs: z
        .int()
        .min(1000)
        .default(60_000)
        .describe("when those changes could not be read for this long, every credential is refused with 503, milliseconds"),
      lastUsedMs: z
        .int()
        .min(1000)
        .default(300_000)
        .describe("granularity at which a key's last use is written down, milliseconds"),
    })
    .prefault({})
    .describe("API keys"),
  policies: z
    .strictObject({
      files: z
        .array(z.string().min(1))
        .default([])
        .describe("Cedar policy files, or folders whose *.cedar files are read; relative to the configuration file"),
      readyRoles: z
        .boolean()
        .default(true)
        .describe(
          "add the ready roles caller, operator, auditor and admin; false leaves only your files and the credential scope",
        ),
    })
    .prefault({})
    .describe("authorization policies"),
  decisions: z
    .strictObject({
      cacheSize: z.int().min(0).default(50_000).describe("largest number of decisions kept; 0 asks Cedar each time"),
    })
    .prefault({})
    .describe("cache of decisions"),
});

/** The section as rooms see it: every default filled in. */
export type AccessConfig = z.output<typeof accessConfig>;
