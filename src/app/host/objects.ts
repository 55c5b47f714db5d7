import { resolve } from "node:path";
import { readSecret } from "../../base/config/index.node.ts";
import { ModelkeepError } from "../../base/error/index.ts";
import { createFolderObjects, createS3Objects } from "../../base/objects/index.node.ts";
import type { Objects } from "../../base/objects/index.ts";
import type {} from "./errors.ts";
import type { HostConfig } from "./load-config.ts";

/** The object store that the configuration names, if it names one. @throws `config/bad-secret`, `host/no-object-store` */
export async function openObjects({ value, baseDir }: HostConfig): Promise<Objects | undefined> {
  const { folder, s3 } = value.objects;
  if (s3 !== undefined) {
    const [accessKeyId, secretAccessKey] = [
      await readSecret(s3.accessKeyId, { baseDir }),
      await readSecret(s3.secretAccessKey, { baseDir }),
    ];
    return createS3Objects({ ...s3, accessKeyId, secretAccessKey });
  }
  if (folder !== undefined) return createFolderObjects(resolve(baseDir, folder));
  if (value.audit.publish === undefined) return undefined;
  throw new ModelkeepError("host/no-object-store", {
    message: "the log is to be published, and there is nowhere to publish it to",
    hint: "set `objects.s3` or `objects.folder`, or take `audit.publish` out",
    exit: 4,
  });
}
