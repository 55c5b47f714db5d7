/** Failures of writing, said as what a person can do about them. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EROFS: "the disk is read-only",
  EACCES: "it may not be written by this user",
  EPERM: "it may not be written by this user",
  ENOTDIR: "a file is where a folder should be",
  EEXIST: "a file is where a folder should be",
};

/** An `api/cannot-write` error. */
export function cannotWrite(path: string, cause: unknown): ModelkeepError {
  const code = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? "") : "";
  return new ModelkeepError("api/cannot-write", {
    message: `${quote(path, 160)} cannot be written: ${reasons[code] ?? (code === "" ? "it failed" : code)}`,
    hint: "make room, or name another folder with --out",
    status: 507,
    exit: 2,
    cause,
  });
}
