// Starts in a worker thread: opens the models once, then reads one mail after another.
import { parentPort, workerData } from "node:worker_threads";
import { toModelkeepError } from "../../../../base/error/index.ts";
import { decodePicture } from "../../../../model/data/index.node.ts";
import { openOcr } from "../ocr/open-ocr.node.ts";
import { readMail } from "../read-mail.ts";
import type { MailEyes } from "../read-mail.ts";
import type { Failure, FromMailThread, MailJob } from "./messages.ts";

const { pictures, models, limits } = workerData as MailJob;
const tell = (message: FromMailThread): void => parentPort!.postMessage(message);

function failureOf(cause: unknown): Failure {
  const { code, message, hint, status } = toModelkeepError(cause);
  return { code, message, hint, status };
}

async function open(): Promise<MailEyes | undefined> {
  return pictures ? { ocr: await openOcr(models), decode: decodePicture } : undefined;
}

try {
  const eyes = await open();
  parentPort!.on("message", (raw: Uint8Array) => {
    readMail(raw, eyes, limits).then(
      (mail) => tell({ kind: "seen", mail }),
      (cause: unknown) => tell({ kind: "failed", failure: failureOf(cause) }),
    );
  });
  tell({ kind: "ready" });
} catch (cause) {
  tell({ kind: "unfit", failure: failureOf(cause) });
}
