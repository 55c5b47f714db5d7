/** Defences: what stands in front of a model, and what makes a model harder to fool. */

export { foldConfusables } from "./mail/confusables.ts";
export { mailVector, mailVectorSize } from "./mail/features.ts";
export { isHidden, visibleMail, visibleText, withoutHidden } from "./mail/visible.ts";
