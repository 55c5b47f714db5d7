/** All families of cases. */
import type { CaseFamily } from "./case.ts";
import { elementwise } from "./elementwise.ts";
import { neural, places } from "./neural.ts";
import { sequence } from "./sequence.ts";
import { structure } from "./structure.ts";

export const families: readonly CaseFamily[] = [...elementwise, ...structure, ...neural, ...places, ...sequence];
