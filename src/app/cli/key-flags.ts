import type { Command } from "commander";

/** With what to sign. */
export interface KeyFlags {
  readonly key: string;
  readonly certificates: readonly string[];
  readonly passphrase?: string;
}

export const keyHelp = "private key, PEM, or pkcs11:… on a token";

/** What belongs to a key beside its name. */
export function keyFlags(command: Command): Command {
  return command
    .option("--certificates <file...>", "the key's certificate, PEM, then those of its issuers", [])
    .option(
      "--passphrase <reference>",
      "where the passphrase of the key, or the PIN of its token, lies: file:PATH, env:NAME or stdin",
    );
}
