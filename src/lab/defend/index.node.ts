import { train } from "../../model/train/index.node.ts";
import type { TrainEvent, TrainResult } from "../../model/train/index.node.ts";
import { hardenWith } from "./hardening/harden.ts";
import type { HardenOptions } from "./hardening/harden.ts";

export * from "./public.ts";
export { openMailReader } from "./mail/thread/mail-reader.node.ts";
export type { MailReader, MailReaderOptions } from "./mail/thread/mail-reader.node.ts";
export { openOcr } from "./mail/ocr/open-ocr.node.ts";

/** Hardens a model, in a worker thread. @throws defend/bad-option, and what `train` throws */
export const harden = (options: HardenOptions): AsyncGenerator<TrainEvent, TrainResult> => hardenWith(train, options);
