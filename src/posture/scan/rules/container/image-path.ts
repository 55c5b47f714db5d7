import { imageHit } from "../../container/image/hits.ts";
import { defineRule } from "../../define.ts";
import { makeImage } from "../make-image.ts";

export const imagePath = defineRule({
  id: "container/image-path",
  title: "Layers write and link inside the image only",
  severity: "high",
  why: "an engine that unpacks such a layer writes or reads files of the machine; builders never make one",
  fix: "do not load the image: no honest layer holds such an entry",
  references: ["cwe:22", "cwe:59", "attack:T1611"],
  subject: "image",
  *check(image) {
    for (const { path, message } of image.strange) yield imageHit(image, { message: `${path}: ${message}`, evidence: path });
  },
  fixtures: {
    bad: [
      { name: "up.tar", content: () => makeImage({ layers: [[{ name: "../../etc/cron.d/x", data: "x" }]] }) },
      {
        name: "hard.tar",
        content: () => makeImage({ layers: [[{ name: "x", data: "", type: "1", link: "../../etc/shadow" }]] }),
      },
      { name: "nowhere.tar", content: () => makeImage({ layers: [[{ name: "x", data: "", type: "1", link: "etc/shadow" }]] }) },
    ],
    good: [
      {
        name: "link.tar",
        content: () => makeImage({ layers: [[{ name: "a", data: "x" }], [{ name: "b", data: "", type: "1", link: "a" }]] }),
      },
      { name: "soft.tar", content: () => makeImage({ layers: [[{ name: "lib", data: "", type: "2", link: "/usr/lib" }]] }) },
    ],
  },
});
