/** Flags of every command that trains: what a step is, and where its run is kept. */
import type { Command } from "commander";
import type { TrainWays } from "../api/train/index.ts";
import type { Flags } from "./data-flags.ts";
import { count, number } from "./numbers.ts";
import { words } from "./words.ts";

/** Which weights stay, and which are made anew. */
export const weightFlags = (command: Command): Command =>
  command
    .option("--freeze <patterns...>", "weights that stay: 'backbone.*'", words)
    .option("--from-scratch [patterns...]", "forget all weights, or those that fit: 'head.*'");

/** What makes a run the same again, and where it is kept. */
export const runFlags = (command: Command): Command =>
  command
    .option("--seed <n>", "the same seed and threads give the same bytes", number, 0)
    .option("--threads <n>", "threads of a step", count, 1)
    .option("--runs <folder>", "where runs are kept (default: runs)")
    .option("--checkpoint-every <steps>", "a checkpoint after so many steps (default: each minute, and each epoch)", count)
    .option("--resume <run>", "go on where this run stopped; everything else is in its manifest");

/** Where the run is kept, how often it is saved, and what was typed. */
export const waysOf = (flags: Flags): TrainWays => ({
  runs: flags["runs"] as string | undefined,
  checkpointEvery: flags["checkpointEvery"] as number | undefined,
  command: `modelkeep ${process.argv.slice(2).join(" ")}`,
});

/** The part of a recipe that every such command takes. */
export const recipeOf = (flags: Flags): Record<string, never> => ({
  ...pick(flags, ["epochs", "batch", "optimizer", "lr", "schedule", "warmup", "weightDecay", "ema", "freeze", "seed", "threads"]),
  ...(flags["clip"] === undefined ? {} : { clipNorm: flags["clip"] as never }),
});

/** Those of the flags that were given. */
export const pick = (flags: Flags, names: readonly string[]): Record<string, never> =>
  Object.fromEntries(names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name] as never]])));
