import { defineKind } from "../define.ts";
import { malformed } from "../refuse.ts";

const magics: readonly string[] = ["\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a", "%PDF-", "RIFF"];

/** Pictures and papers that lie beside models. Whether a second program could read them as something else is still looked at. */
export const picture = defineKind({
  id: "picture",
  title: "picture or paper",
  family: "model",
  order: 60,
  sniff: ({ text }) =>
    magics.some((magic) => text.startsWith(magic)) && (!text.startsWith("RIFF") || text.slice(8, 12) === "WEBP"),
  open: (source) => {
    // The shortest PNG has a header, one chunk of data and an end: 57 bytes.
    if (source.read(0, 4)[1] === 0x50 && source.read(0, 4)[0] === 0x89 && source.sizeBytes < 57)
      throw malformed("the mark of a picture, and no picture behind it");
    return { subjects: [], nothing: "a picture or a paper, nothing that a model loader acts on" };
  },
});
