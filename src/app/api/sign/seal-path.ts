import { isModelkeepError, ModelkeepError, quote } from "../../../base/error/index.ts";
import { isServiceKey, openBackend, sealFile, serviceSealer } from "../../../posture/sign/index.node.ts";
import type { NamedKeys, SealOptions } from "../../../posture/sign/index.node.ts";
import { noKeys } from "./open-signer.ts";
import { mustExist, noFile } from "./files.ts";

export interface Sealed {
  readonly from: string;
  readonly to: string;
  readonly recipients: number;
  /** Of what was sealed. */
  readonly sizeBytes: number;
}

export interface SealRequest extends Omit<SealOptions, "recipients"> {
  /** `age1…`, or keys of the configuration: `kms:models`. */
  readonly recipients: readonly string[];
  /** Those that `kms:` names. */
  readonly named?: NamedKeys | undefined;
}

/** @throws `api/no-such-file`, `sign/bad-recipient`, `sign/no-such-key`, `sign/key-service` */
export async function sealPath({ named = noKeys, ...request }: SealRequest): Promise<Sealed> {
  const { from, to } = request;
  mustExist(from);
  const recipients = request.recipients.map((one) => (isServiceKey(one) ? serviceSealer(openBackend(one, named)) : one));
  try {
    const { sizeBytes } = await sealFile({ ...request, recipients });
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
