import { z } from "zod";

/**
 * A secret is never in the configuration, only where it lies: `file:PATH`, `env:NAME` (the variable *names* it) or `stdin`.
 * A reference may be logged, shown and committed.
 */
export const secretReference = z
  .string()
  .regex(
    /^(?:file:.+|env:[A-Za-z_][A-Za-z0-9_]*|stdin)$/,
    "takes a reference to a secret: `file:PATH`, `env:NAME` or `stdin`, never the secret itself",
  );

export type SecretReference = z.infer<typeof secretReference>;
