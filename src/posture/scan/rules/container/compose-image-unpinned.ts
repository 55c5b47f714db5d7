import { serviceHit, servicesOf } from "../../container/compose.ts";
import { defineRule } from "../../define.ts";
import { textAt } from "../../k8s/fields.ts";
import { readImage } from "../../k8s/images.ts";

export const composeImageUnpinned = defineRule({
  id: "container/compose-image-unpinned",
  title: "Images of a compose file are named by digest",
  severity: "low",
  why: "a tag is moved without anybody here noticing; what was scanned and signed is then not what runs",
  fix: "add @sha256:… to the image; with no tag or with latest, at least name a version",
  references: ["attack:T1525", "cwe:829"],
  subject: "compose",
  *check(file) {
    for (const service of servicesOf(file)) {
      const image = textAt(service.value, "image");
      if (image === undefined || image.includes("$")) continue;
      const { tag, digest } = readImage(image);
      if (digest !== undefined) continue;
      const moving = tag === undefined || tag === "latest";
      const message = moving ? `it runs whatever ${image} is that day` : `it names ${image} by tag`;
      yield serviceHit(file, service, { field: ["image"], message, ...(moving ? { severity: "medium" } : {}) });
    }
  },
  fixtures: {
    bad: [{ name: "compose.yaml", content: "services:\n  a:\n    image: redis\n" }],
    good: [{ name: "compose.yaml", content: `services:\n  a:\n    image: redis@sha256:${"ab".repeat(32)}\n` }],
  },
});
