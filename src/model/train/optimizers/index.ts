import { createRegistry } from "../../../base/registry/index.ts";
import type { Registry } from "../../../base/registry/index.ts";
import { all } from "./_all.ts";
import type { Optimizer } from "./define.ts";

/** Optimisers by name. */
export type OptimizerName = (typeof all)[number]["id"];

export const optimizers: Registry<Optimizer> = createRegistry("optimizer", all);
