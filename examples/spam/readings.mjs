// Raw mails as a person sees them, pictures included. Reading a picture takes seconds, so what stood in it is kept in a folder between runs, by the
// digest of its pixels: a filter can be changed without reading again. A change of the reader itself wants another folder.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodePicture } from "modelkeep/data";
import { openOcr, readMail } from "modelkeep/defend";

/** `read(raw)` and `close()`. */
export async function openReadings(folder) {
  mkdirSync(folder, { recursive: true });
  let opened;
  const ocr = {
    async read(pixels) {
      const digest = createHash("sha256").update(`${pixels.width}x${pixels.height} `).update(pixels.data).digest("hex");
      const file = join(folder, `${digest.slice(0, 32)}.json`);
      try {
        return JSON.parse(readFileSync(file, "utf8"));
      } catch {
        opened ??= await openOcr();
        const { text, pieces } = await opened.read(pixels);
        writeFileSync(file, JSON.stringify({ text, pieces }));
        return { text, pieces };
      }
    },
  };
  return {
    read: (raw) => readMail(raw, { ocr, decode: decodePicture }),
    close: () => opened?.close(),
  };
}
