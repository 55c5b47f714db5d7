// Raw mails as a person sees them, pictures included. Reading a picture takes seconds, so what was read is kept in a folder between runs.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodePicture } from "modelkeep/data";
import { openOcr, readMail } from "modelkeep/defend";

/** `read(raw)` and `close()`. */
export async function openReadings(folder) {
  mkdirSync(folder, { recursive: true });
  let ocr;
  return {
    async read(raw) {
      const file = join(folder, `${createHash("sha256").update(raw).digest("hex").slice(0, 32)}.json`);
      try {
        return JSON.parse(readFileSync(file, "utf8"));
      } catch {
        ocr ??= await openOcr();
        const seen = await readMail(raw, { ocr, decode: decodePicture });
        writeFileSync(file, JSON.stringify(seen));
        return seen;
      }
    },
    close: () => ocr?.close(),
  };
}
