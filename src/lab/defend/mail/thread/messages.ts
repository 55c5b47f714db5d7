/** What a thread that reads mails and who started it tell each other. */

import type { ErrorCode } from "../../../../base/error/index.ts";
import type { MailLimits, SeenMail } from "../read-mail.ts";

/** How the thread begins. */
export interface MailJob {
  /** Whether it reads pictures at all. */
  readonly pictures: boolean;
  /** Folder of the models; by default that of the package. */
  readonly models: string | undefined;
  readonly limits: Partial<MailLimits>;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly status: number;
}

export type FromMailThread =
  | { readonly kind: "ready" }
  | { readonly kind: "unfit"; readonly failure: Failure }
  | { readonly kind: "seen"; readonly mail: SeenMail }
  | { readonly kind: "failed"; readonly failure: Failure };
