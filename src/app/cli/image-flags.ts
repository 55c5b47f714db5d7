import type { Command } from "commander";
import { keyFlags, keyHelp } from "./key-flags.ts";
import type { KeyFlags } from "./key-flags.ts";

/** Flags of every command that speaks to a registry about an image. */
export interface ImageFlags {
  readonly resolve?: true;
  readonly allowHttp?: true;
  readonly credentials?: string;
}

export interface SigningFlags extends ImageFlags, KeyFlags {
  readonly form: "tag" | "bundle" | "both";
}

export function imageFlags(command: Command): Command {
  return command
    .argument("<image>", "registry/app@sha256:…")
    .option("--resolve", "take a tag, and what it points to now")
    .option("--allow-http", "speak unencrypted HTTP to a registry that is not on this machine")
    .option(
      "--credentials <reference>",
      "where user:password lies: file:PATH, env:NAME or stdin (default: what `docker login` left)",
    );
}

export function signerFlags(command: Command): Command {
  return keyFlags(
    command.requiredOption("--key <key>", `${keyHelp}: P-256 for signatures that every release of cosign verifies`),
  ).option("--form <form>", "tag: cosign's sha256-….sig; bundle: a Sigstore bundle that refers to the image; both", "both");
}

/** What is wrong with the form that was asked for. */
export function usageOfForm({ form }: Pick<SigningFlags, "form">): string | undefined {
  return ["tag", "bundle", "both"].includes(form) ? undefined : `--form is tag, bundle or both, not \`${form.slice(0, 40)}\``;
}
