import { nativeSha256, utf8 } from "../../base/crypto/index.node.ts";
import { ModelkeepError } from "../../base/error/index.ts";
import { ensureFolder, replaceFile } from "../../base/port/index.ts";
import type { Disk } from "../../base/port/index.ts";
import { emptyRoot, signCheckpoint } from "../../base/tlog/index.ts";
import type {} from "./errors.ts";
import type { AuditLog, AuditLogOptions } from "./face.ts";
import { Log } from "./log.ts";
import { paths } from "./paths.ts";
import { recoverLog } from "./recover.ts";
import { openAuditFolder } from "./signer.ts";
import type { AuditSigner } from "./signer.ts";

/**
 * Opens a log, or begins one, and puts right what a crash left behind.
 *
 * @throws `audit/wrong-key` when another key signed what is there
 * @throws `audit/damaged` when durable entries are missing or changed
 * @example
 * const signer = await openSigner({ dir });
 * const audit = await createAuditLog({ dir, signer, config: auditConfig.parse({}) });
 * await audit.append({ kind: "key.created", outcome: "done", actor: { principal: "alice" } });
 * await audit.close();
 */
export async function createAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  const disk = options.disk ?? (await openAuditFolder(options.dir ?? "."));
  const note = options.signer.note;
  await ensureFolder(disk, paths.temporary);
  await clearTemporary(disk);
  await ensureFolder(disk, paths.journals);
  const checkpoint = (await disk.read(paths.checkpoint)) ?? (await beginLog(disk, options.signer));
  const recovered = await recoverLog(disk, note, Buffer.from(checkpoint).toString("utf8"));
  const log = new Log(disk, options, recovered);
  await log.start();
  return log;
}

async function clearTemporary(disk: Disk): Promise<void> {
  for (const { name } of await disk.list(paths.temporary)) await disk.remove(`${paths.temporary}/${name}`);
}

/** The first checkpoint of a log, over nothing. */
async function beginLog(disk: Disk, { note }: AuditSigner): Promise<Uint8Array> {
  const others = (await disk.list(paths.log)).filter(({ name }) => name !== "journal");
  if (others.length > 0 || (await disk.list(paths.journals)).length > 0) {
    throw new ModelkeepError("audit/damaged", {
      message: "there are parts of a log, but its checkpoint is gone",
      hint: "run `modelkeep audit verify`, then restore the log from its backup",
    });
  }
  const first = utf8(signCheckpoint({ origin: note.name, size: 0, root: emptyRoot(nativeSha256) }, [note]));
  await replaceFile(disk, paths.checkpoint, first, `${paths.temporary}/checkpoint`);
  return first;
}
