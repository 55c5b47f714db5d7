import { defineKind } from "../define.ts";
import { refused } from "../refuse.ts";

/** Beginnings of packed formats that are not looked into here. */
const packed: readonly (readonly [string, string])[] = [
  ["\x28\xb5\x2f\xfd", "zstd"],
  ["Rar!\x1a\x07", "RAR"],
  ["MSCF\0\0\0\0", "Microsoft cabinet"],
  ["LZIP", "lzip"],
  ["\x1f\x9d", "compress"],
  ["\x1f\xa0", "compress -H"],
  ["\x89LZO\0\r\n", "lzop"],
  ["\xff\x06\0\0sNaPpY", "snappy"],
  ["!<arch>\n", "ar"],
  ["070701", "cpio"],
  ["070707", "cpio"],
  ["xar!", "xar"],
];

/** Known, and not read: what is inside has not been seen, so that the file is refused and not only unknown. */
export const unopened = defineKind({
  id: "unopened-archive",
  title: "packed file of a format that is not read here",
  family: "model",
  order: 46,
  sniff: ({ text }) => packed.some(([magic]) => text.startsWith(magic)),
  open(source) {
    const text = String.fromCharCode(...source.read(0, 16));
    throw refused(
      `it is packed by ${packed.find(([magic]) => text.startsWith(magic))?.[1]}, and what is inside has not been looked at`,
    );
  },
});
