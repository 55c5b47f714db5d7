import { isModelkeepError, ModelkeepError, quote } from "../../../base/error/index.ts";
import { sealFile } from "../../../posture/sign/index.node.ts";
import type { SealOptions } from "../../../posture/sign/index.node.ts";
import { mustExist, noFile } from "./files.ts";

export interface Sealed {
  readonly from: string;
  readonly to: string;
  readonly recipients: number;
  /** Of what was sealed. */
  readonly sizeBytes: number;
}

/** @throws `api/no-such-file`, `sign/bad-recipient` */
export async function sealPath(request: SealOptions): Promise<Sealed> {
  const { from, to, recipients } = request;
  mustExist(from);
  try {
    const { sizeBytes } = await sealFile(request);
    return { from, to, recipients: recipients.length, sizeBytes };
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    if (isModelkeepError(cause) || code === undefined) throw cause;
    if (code !== "EEXIST") throw noFile(path ?? from, cause);
    throw new ModelkeepError("api/no-such-file", {
      message: `${quote(to, 160)} is there already`,
      hint: "name another file with --out, or add --replace",
      exit: 4,
      cause,
    });
  }
}
