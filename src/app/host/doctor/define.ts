import type { Finding } from "../../../base/finding/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import type { HostConfig } from "../load-config.ts";

/** What a check may look at. */
export interface Patient {
  readonly config: HostConfig;
  readonly clock: Clock;
  /** Keys as the running service or the state folder lists them; a function, because not every check needs the store. */
  keys(): Promise<
    readonly {
      readonly id: string;
      readonly principal: string;
      readonly role: string;
      readonly createdAt: string;
      readonly expiresAt: string | null;
    }[]
  >;
  /** The newest entry of the log; undefined when there is none. */
  newestEntry(): Promise<{ readonly index: number; readonly timeMs: number } | undefined>;
  /** Where the service listens, when it runs. */
  readonly servingUrl: string | undefined;
}

export type Diagnosis = { readonly findings: readonly Finding[] } | { readonly skipped: string };

/** One thing that `doctor` looks at. One file in `checks/` each. */
export interface Check {
  readonly id: string;
  readonly title: string;
  run(patient: Patient): Promise<Diagnosis>;
}

export function defineCheck(check: Check): Check {
  return check;
}
