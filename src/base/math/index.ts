/** Mathematics that knows nothing of models. */

export type {} from "./errors.ts";
export { binomialTest, clopperPearson, lowerBound, upperBound, wilson } from "./binomial.ts";
export type { Alternative, Interval } from "./binomial.ts";
export { createSeeded, fromState, shuffle } from "./seeded.ts";
export type { Seeded } from "./seeded.ts";
export { betaQuantile, erfc, logGamma, normalCdf, normalQuantile, regularizedBeta } from "./special.ts";
