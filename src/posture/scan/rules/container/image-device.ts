import { fileHit } from "../../container/image/hits.ts";
import { defineRule } from "../../define.ts";
import { makeImage } from "../make-image.ts";

export const imageDevice = defineRule({
  id: "container/image-device",
  title: "The image brings no device files",
  severity: "medium",
  why: "a device file reaches the kernel or a disk past every permission of files; runtimes make the few that are needed themselves",
  fix: "build the layer without it; give a device by the runtime or a device plugin",
  references: ["cwe:732", "attack:T1611"],
  subject: "image",
  *check(image) {
    for (const file of image.tree.files())
      if (file.type === "device" && !/^dev\/(?:null|zero|full|random|urandom|tty|console|ptmx)$/.test(file.path))
        yield fileHit(image, file, { message: "is a device file" });
  },
  fixtures: {
    bad: [{ name: "disk.tar", content: () => makeImage({ layers: [[{ name: "dev/sda", data: "", type: "4" }]] }) }],
    good: [{ name: "null.tar", content: () => makeImage({ layers: [[{ name: "dev/null", data: "", type: "3" }]] }) }],
  },
});
