import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";

/** The bytes break the rules of the format that they claim. `where` is a place in words. */
export function malformed(message: string, where?: string): ModelkeepError {
  return new ModelkeepError("scan/malformed", {
    message: where === undefined ? message : `${message} (${where})`,
    hint: "a damaged download, or a file made to look like what it is not: fetch it again from its maker",
    status: 400,
  });
}

/** More than a scan gives: memory, nesting, members, expansion. */
export function refused(message: string): ModelkeepError {
  return new ModelkeepError("scan/refused", {
    message,
    hint: "a bomb, or a file too large to look into: unpack it yourself and scan what comes out",
    status: 400,
  });
}
