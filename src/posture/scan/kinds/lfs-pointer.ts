import { defineKind } from "../define.ts";

declare module "../subject.ts" {
  interface Subjects {
    "lfs-pointer": { readonly oid: string | undefined };
  }
}

/** What `git clone` leaves without Git LFS: a few lines that name the file. Git LFS specification, section "The Pointer". */
export const lfsPointer = defineKind({
  id: "lfs-pointer",
  title: "Git LFS pointer",
  family: "model",
  order: 50,
  sniff: ({ text, sizeBytes }) => sizeBytes < 1024 && text.startsWith("version https://git-lfs.github.com/spec/"),
  open: (source) => {
    const text = new TextDecoder().decode(source.read(0, 1024));
    return { subjects: [{ type: "lfs-pointer", value: { oid: /^oid (sha256:[0-9a-f]{64})$/m.exec(text)?.[1] } }] };
  },
});
