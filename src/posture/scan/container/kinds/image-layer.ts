import { partOf } from "../../bytes/source.ts";
import { defineKind } from "../../define.ts";
import type { Member } from "../../define.ts";
import { restOf } from "../../engine/rest.ts";
import { readTar } from "../../tar/read.ts";
import { insidePath } from "../image/layer.ts";

/**
 * A layer of an image, never sniffed: the image says where it lies. Models and archives among its files are looked at; programs and data of
 * the system are not findings for being neither.
 */
export const imageLayer = defineKind({
  id: "image-layer",
  title: "layer of a container image",
  family: "container",
  order: 991,
  sniff: () => false,
  open(source) {
    const { entries, end } = readTar(source, Infinity);
    const files = entries.filter(({ type, sizeBytes }) => !/[1-6]/.test(type) && sizeBytes > 0);
    const members = files.map(({ name, data, sizeBytes }): Member => ({
      name: insidePath(name) ?? name,
      open: () => partOf(source, data, sizeBytes),
    }));
    return { subjects: [], members: [...members, ...restOf(source, end)], fileSystem: true };
  },
});
