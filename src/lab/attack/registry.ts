import { createRegistry } from "../../base/registry/index.ts";
import type { Registry } from "../../base/registry/index.ts";
import { all } from "./attacks/_all.ts";
import type { Attack } from "./define.ts";

/** Every attack, by id. @example attacks.get("pgd") */
export const attacks: Registry<Attack> = createRegistry("attack", all as unknown as readonly Attack[]);
