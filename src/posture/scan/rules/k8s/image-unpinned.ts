import { defineRule } from "../../define.ts";
import { textAt } from "../../k8s/fields.ts";
import { readImage } from "../../k8s/images.ts";
import { containersOf, hitAt } from "../../k8s/manifest/hits.ts";

const pod = (image: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: ${image}}\n`;

export const imageUnpinned = defineRule({
  id: "k8s/image-unpinned",
  title: "Images are named by digest",
  severity: "low",
  why: "a tag is moved without anybody here noticing; what was scanned and signed is then not what runs",
  fix: "add @sha256:… to the image; with no tag or with latest, at least name a version",
  references: ["cis:5.5.1", "attack:T1525", "atlas:AML.T0010", "nsa-cisa:kubernetes-hardening"],
  subject: "manifest",
  *check(manifest) {
    for (const { name, value, path } of containersOf(manifest)) {
      const image = textAt(value, "image");
      if (image === undefined || image === "") continue;
      const { digest, tag } = readImage(image);
      if (digest !== undefined) continue;
      const moving = tag === undefined || tag === "latest";
      const message = moving ? `container ${name} runs whatever ${image} is that day` : `container ${name} names ${image} by tag`;
      yield hitAt(manifest, [...path, "image"], { message, scope: name, ...(moving ? { severity: "medium" } : {}) });
    }
  },
  fixtures: {
    bad: [
      { name: "tag.yaml", content: pod("registry.example:5000/app:1.2") },
      { name: "latest.yaml", content: pod("nginx") },
    ],
    good: [{ name: "digest.yaml", content: pod(`registry.example/app:1.2@sha256:${"ab".repeat(32)}`) }],
  },
});
