/** Defences in front of a model, by name. */
import { createRegistry } from "../../../base/registry/index.ts";
import { all } from "../inputs/_all.ts";
import type { Defence } from "./define.ts";

export const defences = createRegistry<Defence>("defence", all as readonly unknown[] as readonly Defence[]);
