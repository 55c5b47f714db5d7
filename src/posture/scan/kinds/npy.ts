import { partOf } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import { restOf } from "../engine/rest.ts";
import { readNpyHeader } from "../npy-header.ts";
import type { NpyHeader } from "../npy-header.ts";

declare module "../subject.ts" {
  interface Subjects {
    npy: NpyHeader;
  }
}

/**
 * NumPy arrays (NEP 1, format versions 1 to 3). Only an array of objects holds a pickle; numbers are numbers.
 */
export const npy = defineKind({
  id: "npy",
  title: "NumPy array",
  family: "model",
  order: 30,
  sniff: ({ text }) => text.startsWith("\x93NUMPY"),
  open(source) {
    const header = readNpyHeader(source);
    const { data, hasObjects } = header;
    const pickled = partOf(source, data, source.sizeBytes - data);
    // Behind the numbers a program that reads several arrays from one file goes on.
    const members = hasObjects
      ? [{ name: "objects", open: () => pickled }]
      : restOf(source, data + (header.bytes ?? source.sizeBytes));
    return { subjects: [{ type: "npy", value: header }], members };
  },
});
