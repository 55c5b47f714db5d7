/** Mathematics that knows nothing of models. */

export { createSeeded, fromState, shuffle } from "./seeded.ts";
export type { Seeded } from "./seeded.ts";
