import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "./errors.ts";

/** What the scan found grave enough. */
export function hostile(path: string, finding: { readonly rule: string; readonly message: string } | undefined): ModelkeepError {
  const what = finding === undefined ? "it could not be parsed to its end" : `${finding.rule}: ${finding.message}`;
  return new ModelkeepError("models/hostile", {
    message: `${quote(path, 160)} does not pass the scan: ${what}`,
    hint: "`modelkeep scan` tells everything that it finds in the file",
    exit: 4,
  });
}

export function silentScan(path: string, cause: Error): ModelkeepError {
  return new ModelkeepError("models/hostile", {
    message: `${quote(path, 160)} could not be scanned, so it is not served`,
    hint: "see the log for the cause",
    cause,
    exit: 4,
  });
}

export function unsigned(path: string): ModelkeepError {
  return new ModelkeepError("models/unsigned", {
    message: `${quote(path, 160)} has no signature, and models.requireSignature asks for one`,
    hint: "`modelkeep sign` writes one; it lies beside the model, or where models.serve[].signature says",
    exit: 4,
  });
}

export function untrusted(path: string, reasons: readonly string[]): ModelkeepError {
  const [first = "", ...others] = reasons;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return new ModelkeepError("models/untrusted", {
    message: `the signature of ${quote(path, 160)} is not believed: ${first}${more}`,
    hint: "`modelkeep verify --policy` tells every reason",
    exit: 4,
  });
}
