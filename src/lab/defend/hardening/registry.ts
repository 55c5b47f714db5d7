/** Ways to harden a model, by name. */
import { createRegistry } from "../../../base/registry/index.ts";
import type { Hardening } from "./define.ts";
import { all } from "./methods/_all.ts";

export const hardenings = createRegistry<Hardening>("way of hardening", all as readonly unknown[] as readonly Hardening[]);
