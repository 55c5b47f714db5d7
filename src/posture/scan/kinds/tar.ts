import { partOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import type { Member } from "../define.ts";
import { restOf } from "../engine/rest.ts";
import { malformed } from "../refuse.ts";
import { hasChecksum, readTar } from "../tar/read.ts";
import type { TarEntry } from "../tar/read.ts";

declare module "../subject.ts" {
  interface Subjects {
    tar: { readonly entries: readonly TarEntry[] };
  }
}

/** ustar, GNU and pax archives: recognised by the checksum of the first header, which stands in front of any other format as well. */
export const tar = defineKind({
  id: "tar",
  title: "tar archive",
  family: "model",
  order: 97,
  sniff: ({ head }) => head.length >= 512 && hasChecksum(head),
  hides: ({ head }) => head.length >= 512 && hasChecksum(head),
  open(source, { limits }) {
    const { entries, broken, end } = readTar(source, limits.maxMembers);
    return {
      subjects: [{ type: "tar", value: { entries } }],
      members: members(source, entries, end),
      failure: broken === undefined ? undefined : malformed(broken),
    };
  },
});

/** Programs take a member of a type that they do not know for a file: all that has bytes is looked at. */
function* members(source: ByteSource, entries: readonly TarEntry[], end: number): Generator<Member> {
  for (const { name, type, sizeBytes, data } of entries) {
    if (sizeBytes > 0 || "0\x007".includes(type)) yield { name, open: () => partOf(source, data, sizeBytes) };
  }
  yield* restOf(source, end);
}
