import { imageHit } from "../../container/image/hits.ts";
import { defineRule } from "../../define.ts";
import { imageFiles, makeImage } from "../make-image.ts";
import { makeTar } from "../make-tar.ts";

const image = { layers: [[{ name: "app", data: "as it was built" }]] };
const changed = (): Uint8Array =>
  makeTar(Object.entries(imageFiles(image)).map(([name, data]) => ({ name, data: data.replace("as it was", "as it is!") })));

export const imageDigest = defineRule({
  id: "container/image-digest",
  title: "Every blob of the image is what its digest says",
  severity: "high",
  why: "the digest is what was signed, scanned and pinned: other bytes behind it are another image",
  fix: "fetch the image again; if it stays like this, it was changed after it was built",
  references: ["cwe:345", "cwe:494", "https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md"],
  subject: "image",
  *check(found) {
    for (const message of found.lies) yield imageHit(found, { message });
  },
  fixtures: {
    bad: [
      { name: "changed.tar", content: changed },
      { name: "other.tar", content: () => makeImage({ ...image, diffIds: [`sha256:${"0".repeat(64)}`] }) },
      { name: "count.tar", content: () => makeImage({ ...image, diffIds: [] }) },
    ],
    good: [{ name: "image.tar", content: () => makeImage(image) }],
  },
});
