/** Folders of mails and of texts as examples. */

import { basename } from "node:path";
import { tensorColumn } from "../dataset/column.ts";
import type { IndexedDataset } from "../dataset/dataset.ts";
import { createDataset } from "../dataset/indexed.ts";
import { readDataFile } from "../file.node.ts";
import type { ClassFolder } from "../folder/class-folder.node.ts";
import { classColumn } from "../image/image-folder.node.ts";
import { malformed } from "../refuse.ts";
import { parseMail, splitMbox } from "./parse-mail.ts";

const texts = (name: string, strings: readonly string[]) =>
  tensorColumn(name, { type: "string", dims: [strings.length], data: new Uint8Array(0), strings });

/**
 * `subject` and `body` of each mail, and `y` the class when there are any. A file is one mail, or a box of them (`.mbox`, or its first
 * line begins with `From `).
 * @throws what reading and parsing throw
 */
export async function openMailFolder(name: string, { files, classes }: ClassFolder): Promise<IndexedDataset> {
  const found = { subject: [] as string[], body: [] as string[], label: [] as number[] };
  for (const { path, label = 0 } of files) {
    const mails = splitMbox(await readDataFile(path, { maxBytes: 2 ** 30 }));
    for (const [i, bytes] of mails.entries()) {
      const { subject, body } = await parseMail(bytes, mails.length === 1 ? path : `${path}#${i + 1}`);
      found.subject.push(subject);
      found.body.push(body);
      found.label.push(label);
    }
  }
  const columns = [texts("subject", found.subject), texts("body", found.body)];
  if (files[0]!.label === undefined) return createDataset(name, columns);
  return createDataset(name, [...columns, classColumn(Uint32Array.from(found.label), classes)], "y");
}

/**
 * `text` of each file, and `y` the class when there are any.
 * @throws data/malformed for what is not UTF-8
 */
export async function openTextFolder(name: string, { files, classes }: ClassFolder): Promise<IndexedDataset> {
  const found: string[] = [];
  for (const { path } of files) {
    try {
      found.push(new TextDecoder("utf-8", { fatal: true }).decode(await readDataFile(path, { maxBytes: 2 ** 28 })));
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw malformed(path, `${basename(path)} is not UTF-8`, { hint: "save the file as UTF-8" });
    }
  }
  if (files[0]!.label === undefined) return createDataset(name, [texts("text", found)]);
  return createDataset(
    name,
    [
      texts("text", found),
      classColumn(
        Uint32Array.from(files, ({ label = 0 }) => label),
        classes,
      ),
    ],
    "y",
  );
}
