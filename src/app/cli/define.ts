import type { Command as Commander } from "commander";
import type { Context } from "./context.ts";

/** What a command ends with: see `docs/guide/exit-codes.md`. */
export type Exit = 0 | 1 | 2 | 3 | 4 | 130;

/** Values of a command's words and flags, by commander's names. */
export interface Given {
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly flags: Readonly<Record<string, unknown>>;
}

/** One command: flags and printing, no logic of its own. */
export interface Command {
  /** The words after `modelkeep`: `keys create`. */
  readonly id: string;
  readonly title: string;
  /** Shown first in `--help`: people learn a command from these. */
  readonly examples: readonly string[];
  /** Declares arguments and options beyond the common ones. */
  declare?(command: Commander): void;
  run(context: Context, given: Given): Promise<Exit>;
}

/**
 * @example
 * export const keysList = defineCommand({
 *   id: "keys list",
 *   title: "List keys",
 *   examples: ["modelkeep keys list --json"],
 *   run: async (context) => { … return 0; },
 * });
 */
export function defineCommand(command: Command): Command {
  return command;
}
