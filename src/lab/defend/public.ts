/** What the room shows in Node and in browsers alike. */
export type {} from "./errors.ts";
export { defineHardening } from "./hardening/define.ts";
export type { Classifier, Hardening, HardenSite, HardenThreat } from "./hardening/define.ts";
export type { HardenNorm } from "./hardening/inner.ts";
export { defaultRamp, paramsOf } from "./hardening/harden.ts";
export type { HardenOptions } from "./hardening/harden.ts";
export { hardenings } from "./hardening/registry.ts";
export { quickCheck } from "./hardening/quick-check.ts";
export type { QuickCheck, QuickCheckOptions } from "./hardening/quick-check.ts";
export { foldConfusables } from "./mail/confusables.ts";
export { mailVector, mailVectorSize } from "./mail/features.ts";
export { isHidden, visibleMail, visibleText, withoutHidden } from "./mail/visible.ts";
