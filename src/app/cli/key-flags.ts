import type { Command } from "commander";
import type { NamedKeys } from "../api/sign/index.ts";
import type { Context } from "./context.ts";

/** With what to sign. */
export interface KeyFlags {
  readonly key: string;
  readonly certificates: readonly string[];
  readonly passphrase?: string;
}

export const keyHelp = "private key, PEM, pkcs11:… on a token, or kms:NAME of the configuration";

/** The keys of the configuration, which is read only where one of them is named. */
export async function namedKeys({ config }: Context, names: readonly string[]): Promise<NamedKeys | undefined> {
  if (!names.some((name) => name.startsWith("kms:"))) return undefined;
  const { value, baseDir } = await config();
  return { keys: value.keys, baseDir };
}

/** What belongs to a key beside its name. */
export function keyFlags(command: Command): Command {
  return command
    .option("--certificates <file...>", "the key's certificate, PEM, then those of its issuers", [])
    .option(
      "--passphrase <reference>",
      "where the passphrase of the key, or the PIN of its token, lies: file:PATH, env:NAME or stdin",
    );
}
