import { isModelkeepError, ModelkeepError, quote } from "../../../base/error/index.ts";
import { convertFile } from "../../../posture/scan/index.node.ts";
import type { ConvertedFile } from "../../../posture/scan/index.node.ts";
import type {} from "../errors.ts";

export interface Conversion extends ConvertedFile {
  readonly from: string;
  readonly to: string;
}

/** @throws `api/no-such-file`, `scan/not-convertible` */
export function convertModel(from: string, { to, replace }: { readonly to: string; readonly replace: boolean }): Conversion {
  try {
    return { from, to, ...convertFile(from, to, { replace }) };
  } catch (cause) {
    if (isModelkeepError(cause)) throw cause;
    const { code = "unreadable" } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") {
      throw new ModelkeepError("api/no-such-file", {
        message: `${quote(to, 160)} is there already`,
        hint: "name another file with --out, or add --replace",
        exit: 4,
        cause,
      });
    }
    throw new ModelkeepError("api/no-such-file", {
      message: `${quote(from, 160)} cannot be converted to ${quote(to, 160)}: ${code}`,
      hint: "give the path of a file that this user may read, and a place where it may write",
      exit: 4,
      cause,
    });
  }
}
