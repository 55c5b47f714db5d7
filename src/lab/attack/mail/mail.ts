/** What attacks on mail filters change: the mail as its sender writes it, never the one who reads it. */

import type { Seeded } from "../../../base/math/index.ts";

/** A mail as it is sent. */
export interface SentMail {
  readonly subject: string;
  /** The plain part; what HTML shows, when there is HTML, is what a person reads. */
  readonly text: string;
  readonly html: string | undefined;
}

/** An attack on a filter of mails: a person still reads the same message. */
export interface MailAttack {
  readonly id: string;
  readonly title: string;
  readonly references: readonly string[];
  /** The same message in another form; the same for the same randomness. */
  change(mail: SentMail, rng: Seeded): SentMail;
}

/** States an attack on mails. */
export const defineMailAttack = (attack: MailAttack): MailAttack => attack;

/** Text as HTML that shows it. */
export const escapeHtml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Each word by a function, white space as it is. */
export const eachWord = (text: string, change: (word: string) => string): string => text.replace(/[A-Za-z]{3,}/g, change);
