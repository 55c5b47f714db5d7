/** Where things lie below the audit folder. Only `log/` is part of the log and may be served to outsiders; the keys never are. */

export const paths = {
  /** Secret: the signer key string of the log. */
  signingKey: "signing.key",
  /** Its public half, for outsiders. */
  verifierKey: "signing.pub",
  /** Secret: what the salts of commitments are derived from. */
  commitmentKey: "commitments.key",
  /** Files on their way to their place. */
  temporary: "tmp",
  log: "log",
  checkpoint: "log/checkpoint",
  journals: "log/journal",
  /** Torn ends of journals, as a crash left them. */
  setAside: "log/set-aside",
} as const;

/** The journal whose first entry has this index. Zero-padded, so that names sort as numbers. */
export function journalName(firstIndex: number): string {
  return `${String(firstIndex).padStart(16, "0")}.journal`;
}

/** The first index of the journal of this name, or undefined when it is not a journal's name. */
export function parseJournalName(name: string): number | undefined {
  const index = /^(\d{16})\.journal$/.exec(name)?.[1];
  return index === undefined || !Number.isSafeInteger(Number(index)) ? undefined : Number(index);
}

/** What was set aside when the log had `size` entries; entry number `size` describes it. */
export function setAsideName(size: number, count: number): string {
  return `${String(size).padStart(16, "0")}-${count}.torn`;
}

export function parseSetAsideName(name: string): { readonly size: number; readonly count: number } | undefined {
  const match = /^(\d{16})-(0|[1-9]\d{0,5})\.torn$/.exec(name);
  return match === null || !Number.isSafeInteger(Number(match[1]))
    ? undefined
    : { size: Number(match[1]), count: Number(match[2]) };
}
