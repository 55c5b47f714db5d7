import { bytesSource } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import type { Member } from "../define.ts";
import type { ScanContext } from "../engine/context.ts";
import { malformed } from "../refuse.ts";
import type { SevenZip } from "../sevenzip/header.ts";
import { readSevenZip, unpackFolder } from "../sevenzip/unpack.ts";

export const sevenZip = defineKind({
  id: "7z",
  title: "7z archive",
  family: "model",
  order: 41,
  sniff: ({ text }) => text.startsWith("7z\xbc\xaf\x27\x1c"),
  open(source, context) {
    const archive = readSevenZip(source, context.budget.allowance);
    return { subjects: [], members: members(source, archive, context) };
  },
});

/** Files lie one after another in the unpacked bytes of their folder, which is unpacked once. */
function* members(source: ByteSource, { folders, names, hasData }: SevenZip, { budget }: ScanContext): Generator<Member> {
  const withData = names.filter((_, i) => hasData[i]);
  let next = 0;
  for (const folder of folders) {
    let unpacked: Uint8Array | undefined;
    let offset = 0;
    for (const size of folder.files) {
      const start = offset;
      offset += size;
      yield {
        name: withData[next++] ?? `file-${next}`,
        open() {
          if (unpacked === undefined) {
            unpacked = unpackFolder(source, folder, budget.allowance);
            budget.spend(unpacked.length);
          }
          if (start + size > unpacked.length) throw malformed("its packed data is cut short");
          return bytesSource(unpacked.subarray(start, start + size));
        },
      };
    }
  }
}
