import { rename, rm, writeFile } from "node:fs/promises";
import { cannotWrite } from "./cannot-write.ts";

/** Whole or not at all: a full disk leaves no half file under the name. Text is written as UTF-8. @throws api/cannot-write */
export async function writeWhole(file: string, content: Uint8Array | string): Promise<void> {
  const aside = `${file}.part`;
  try {
    await writeFile(aside, content);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw cannotWrite(file, error);
  }
}
