import { createRegistry } from "../../../base/registry/index.ts";
import type { Registry } from "../../../base/registry/index.ts";
import { all } from "./_all.ts";
import type { Loss } from "./define.ts";

/** Losses by name. */
export type LossName = (typeof all)[number]["id"];

export const losses: Registry<Loss> = createRegistry("loss", all);
