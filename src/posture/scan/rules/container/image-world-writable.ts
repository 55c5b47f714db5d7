import { fileHit, octal } from "../../container/image/hits.ts";
import { defineRule } from "../../define.ts";
import { makeImage } from "../make-image.ts";

/** Made for everybody, or replaced by the runtime. */
const expected = /^(?:(?:var\/)?tmp|dev|proc|sys|(?:var\/)?run\/lock|var\/lock)(?:\/|$)/;

export const imageWorldWritable = defineRule({
  id: "container/image-world-writable",
  title: "No file of the image can be written by everyone",
  severity: "medium",
  why: "a process that should only read can change what another one runs or loads",
  fix: "chmod o-w while building; give the one user that must write a folder of its own",
  references: ["cwe:732", "attack:T1222"],
  subject: "image",
  *check(image) {
    for (const file of image.tree.files()) {
      if ((file.mode & 0o002) === 0 || expected.test(file.path)) continue;
      const sticky = (file.mode & 0o1000) !== 0;
      if (file.type === "file" || (file.type === "folder" && !sticky)) {
        const what = file.type === "file" ? "can be written by everyone" : "is a folder in which everyone can replace files";
        yield fileHit(image, file, { message: `${what}, mode ${octal(file.mode)}` });
      }
    }
  },
  fixtures: {
    bad: [
      { name: "file.tar", content: () => makeImage({ layers: [[{ name: "app/run.py", data: "x", mode: 0o666 }]] }) },
      { name: "folder.tar", content: () => makeImage({ layers: [[{ name: "app/", data: "", type: "5", mode: 0o777 }]] }) },
    ],
    good: [
      { name: "tmp.tar", content: () => makeImage({ layers: [[{ name: "tmp/", data: "", type: "5", mode: 0o1777 }]] }) },
      { name: "plain.tar", content: () => makeImage({ layers: [[{ name: "app/run.py", data: "x" }]] }) },
    ],
  },
});
